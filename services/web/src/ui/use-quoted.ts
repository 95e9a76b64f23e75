import type { Message } from '@messagecore/protocol';
import { useEffect } from 'react';
import type { Chat } from '../chat/chat.ts';
import { type ChatState, heldIn } from '../chat/state.ts';

export interface QuotedPlace {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly cid: string;
  /** Of the quoted message; undefined where nothing is quoted. */
  readonly seq: number | undefined;
}

/** A message that is quoted, as it is now: undefined before it is known, null when it is not there any more. */
export function useQuoted({ chat, state, cid, seq }: QuotedPlace): Message | null | undefined {
  const conversation = state.conversations.get(cid);
  const message =
    conversation === undefined || seq === undefined
      ? undefined
      : (heldIn(conversation, seq) ?? conversation.quoted.get(seq));
  const isUnknown = message === undefined;
  const { phase } = state.connection;
  useEffect(() => {
    if (seq !== undefined && isUnknown && phase === 'online') void chat.messages.loadQuoted(cid, seq);
  }, [chat, cid, seq, isUnknown, phase]);
  return message;
}
