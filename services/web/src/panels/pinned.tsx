import type { Message } from '@messagecore/protocol';
import { useCallback } from 'react';
import { dateOf } from '../chat/format.ts';
import { type ChatState, nameOf } from '../chat/state.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/form.tsx';
import { SaidWords } from '../ui/said.tsx';
import { useAction } from '../ui/use-action.ts';
import { ActionButton } from './action-button.tsx';
import { mayPin } from './may.ts';
import type { RoomProps } from './members.tsx';
import { Pages } from './pages.tsx';

export interface PinnedProps extends RoomProps {
  readonly state: ChatState;
  readonly onClose: () => void;
}

/** The pinned messages of a conversation, the last one pinned first; each leads to where it stands. */
export function Pinned({ chat, state, conversation: { cid, info }, onClose }: PinnedProps) {
  const texts = useTexts();
  const { client } = chat;
  const load = useCallback(
    (cursor: string | undefined) => client.call('pins.list', { cid, ...(cursor !== undefined && { cursor }) }),
    [client, cid],
  );
  return (
    <Dialog title={texts.pinnedMessages} onClose={onClose}>
      <Pages label={texts.pinnedMessages} load={load} keyOf={({ seq }) => String(seq)} none={texts.noPins}>
        {(message, reload) => (
          <div className="pinned-message">
            <Entry chat={chat} state={state} message={message} onOpened={onClose} />
            {mayPin(info) && (
              <ActionButton text={texts.unpin} work={() => chat.messages.pin(message, false)} onDone={reload} />
            )}
          </div>
        )}
      </Pages>
    </Dialog>
  );
}

interface EntryProps extends Pick<PinnedProps, 'chat' | 'state'> {
  readonly message: Message;
  readonly onOpened: () => void;
}

function Entry({ chat, state, message, onOpened }: EntryProps) {
  const texts = useTexts();
  const language = useLanguage();
  const action = useAction();
  const { cid, seq, from, at } = message;
  return (
    <span>
      <button
        type="button"
        className="thread-entry"
        aria-disabled={action.busy}
        onClick={() => void action.run(() => chat.history.showMessage(cid, seq)).then((isDone) => isDone && onOpened())}
      >
        <strong>{from === chat.me ? texts.you : nameOf(state, from)}</strong>
        <span dir="auto">
          <SaidWords message={message} state={state} />
        </span>
        <small>{dateOf(at, language)}</small>
      </button>
      <Problem text={action.error} />
    </span>
  );
}
