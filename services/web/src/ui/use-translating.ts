import type { Message } from '@messagecore/protocol';
import { ChatError } from '@messagecore/sdk';
import { useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { textOf } from '../chat/timeline.ts';
import { useLanguage } from '../i18n/language.ts';

export interface Translated {
  /** Undefined where there is nobody who translates. */
  readonly text: string | undefined;
  /** A language tag. */
  readonly to: string;
}

export interface Translating {
  /** Undefined until it is asked for, and once the message says something else. */
  readonly shown: Translated | undefined;
  /** Asks for it in the language of the page. */
  readonly begin: () => Promise<void>;
  readonly end: () => void;
}

/** What a message says in the language of the page, for as long as it says that. */
export function useTranslating({ client }: Pick<Chat, 'client'>, message: Message): Translating {
  const to = useLanguage();
  const [known, setKnown] = useState<Translated & { readonly original: string | undefined }>();
  const original = textOf(message);
  const { cid, seq } = message;
  async function translate(): Promise<Translated> {
    try {
      return await client.call('messages.translate', { cid, seq, to });
    } catch (error) {
      if (error instanceof ChatError && error.code === 'conflict') return { text: undefined, to };
      throw error;
    }
  }
  return {
    shown: known !== undefined && known.original === original ? known : undefined,
    begin: async () => setKnown({ ...(await translate()), original }),
    end: () => setKnown(undefined),
  };
}
