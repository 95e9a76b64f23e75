import type { Message } from '@messagecore/protocol';
import { useEffect, useState } from 'react';
import type { Chat } from '../chat/chat.ts';

/** What a person is about to write in a conversation, or in a thread: an answer to a message, or another text for one. */
export interface Composing {
  readonly quoted: Message | undefined;
  /** `seq` of the message whose text is being changed in its place. */
  readonly editing: number | undefined;
  readonly quote: (message: Message | undefined) => void;
  readonly edit: (seq: number | undefined) => void;
}

export function useComposing(): Composing {
  const [quoted, quote] = useState<Message>();
  const [editing, edit] = useState<number>();
  return { quoted, editing, quote, edit };
}

/** In a conversation, where the draft says what is quoted. */
export function useDraftedComposing(chat: Chat, cid: string): Composing {
  const composing = useComposing();
  const { quote } = composing;
  useEffect(() => {
    const replyTo = chat.snapshot().drafts.get(cid)?.replyTo;
    // Without the message nothing is quoted.
    if (replyTo !== undefined) chat.messages.at(cid, replyTo).then(quote, () => {});
  }, [chat, cid, quote]);
  return composing;
}
