import type { Message } from '@messagecore/protocol';
import { useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import type { ChatState } from '../chat/state.ts';

/** What a person is about to write in a conversation, or in a thread: an answer to a message, or another text for one. */
export interface Composing {
  /** `seq` of the message that is quoted. */
  readonly replyTo: number | undefined;
  /** `seq` of the message whose text is being changed in its place. */
  readonly editing: number | undefined;
  readonly quote: (message: Message | undefined) => void;
  readonly edit: (seq: number | undefined) => void;
}

export function useComposing(): Composing {
  const [replyTo, setReplyTo] = useState<number>();
  const [editing, edit] = useState<number>();
  return { replyTo, editing, quote: (message) => setReplyTo(message?.seq), edit };
}

/** In a conversation, where the draft alone says what is quoted: here and on other devices. */
export function useDraftedComposing(chat: Chat, state: ChatState, cid: string): Composing {
  const { editing, edit } = useComposing();
  return {
    replyTo: state.drafts.get(cid)?.replyTo,
    editing,
    quote: (message) => chat.drafts.quote(cid, message?.seq),
    edit,
  };
}
