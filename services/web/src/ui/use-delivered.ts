import { systemClock } from '@messagecore/kernel';
import { useEffect } from 'react';
import type { Chat } from '../chat/chat.ts';
import type { ConversationState } from '../chat/state.ts';

/** When one asks whether a message has come to everybody: a while after it was sent, then less and less often. */
const AFTER_MS = [2_000, 6_000, 20_000, 60_000] as const;
/** With more people it comes to them all too seldom to ask by itself. */
const PEOPLE = 50;

/** Finds out whether one's last message has come to everybody, as long as one looks at it and nobody has read it. */
export function useDelivered(chat: Chat, { cid, timeline, members, reads, deliveredUpTo }: ConversationState): void {
  const { me } = chat;
  const last = timeline.messages.findLast(({ from }) => from === me);
  const isRead = last !== undefined && [...reads].some(([user, pos]) => user !== me && pos >= last.seq);
  const seq = last === undefined || isRead || deliveredUpTo >= last.seq || members.length > PEOPLE ? 0 : last.seq;
  useEffect(() => {
    if (seq === 0) return undefined;
    const timers = AFTER_MS.map((ms) => systemClock.setTimeout(() => void chat.messages.askDelivered(cid, seq), ms));
    return () => {
      for (const timer of timers) timer.cancel();
    };
  }, [chat, cid, seq]);
}
