import type { Message } from '@messagecore/protocol';
import type { Operations } from '@messagecore/sdk';
import { useCallback } from 'react';
import type { Chat } from '../chat/chat.ts';
import { dateOf } from '../chat/format.ts';
import { readableWords } from '../chat/said.ts';
import type { ChatState } from '../chat/state.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Pages } from './pages.tsx';

export interface EditsProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly message: Message;
  readonly onClose: () => void;
}

type Former = Operations['messages.edits']['result']['items'][number];

/** What a message said before it was edited, the first one first. */
export function Edits({ chat: { client }, state, message, onClose }: EditsProps) {
  const texts = useTexts();
  const language = useLanguage();
  const { cid, seq, rev, kind } = message;
  const load = useCallback(
    (cursor: string | undefined) =>
      client.call('messages.edits', { cid, seq, ...(cursor !== undefined && { cursor }) }),
    // Another state of the message has other edits.
    [client, cid, seq, rev],
  );
  return (
    <Dialog title={texts.formerTexts} onClose={onClose}>
      <Pages
        label={texts.formerTexts}
        load={load}
        keyOf={(former: Former) => String(former.rev)}
        none={texts.nothingFormer}
      >
        {({ body, at }) => (
          <div className="former">
            <p dir="auto">{readableWords({ kind, body: body ?? {} }, state) ?? texts.unknownKind(kind)}</p>
            <small>{dateOf(at, language)}</small>
          </div>
        )}
      </Pages>
    </Dialog>
  );
}
