import type { Message } from '@messagecore/protocol';
import { useState } from 'react';

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
