import type { Operations } from '@messagecore/sdk';
import { useCallback } from 'react';
import type { Chat } from '../chat/chat.ts';
import { type ChatState, titleOf } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/form.tsx';
import { Said } from '../ui/said.tsx';
import { useAction } from '../ui/use-action.ts';
import { ActionButton } from './action-button.tsx';
import { Pages } from './pages.tsx';

export interface OwnBookmarksProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly onClose: () => void;
}

type Bookmark = Operations['bookmarks.list']['result']['items'][number];

/** Messages that one keeps at hand, for nobody else to see, the newest first. */
export function OwnBookmarks({ chat, state, onClose }: OwnBookmarksProps) {
  const texts = useTexts();
  const { client } = chat;
  const load = useCallback(
    (cursor: string | undefined) => client.call('bookmarks.list', cursor === undefined ? {} : { cursor }),
    [client],
  );
  const keyOf = ({ cid, seq }: Bookmark) => `${cid} ${seq}`;
  return (
    <Dialog title={texts.myBookmarks} onClose={onClose}>
      <Pages label={texts.myBookmarks} load={load} keyOf={keyOf} none={texts.noBookmarks}>
        {(bookmark, reload) => (
          <div className="pinned-message">
            <Entry chat={chat} state={state} bookmark={bookmark} onOpened={onClose} />
            <ActionButton
              text={texts.remove}
              work={() => client.call('bookmarks.remove', { cid: bookmark.cid, seq: bookmark.seq })}
              onDone={reload}
            />
          </div>
        )}
      </Pages>
    </Dialog>
  );
}

interface EntryProps extends Pick<OwnBookmarksProps, 'chat' | 'state'> {
  readonly bookmark: Bookmark;
  readonly onOpened: () => void;
}

/** Leads to the message, where it may still be seen. */
function Entry({ chat, state, bookmark: { cid, seq, message, note }, onOpened }: EntryProps) {
  const texts = useTexts();
  const action = useAction();
  const conversation = state.conversations.get(cid);
  if (message === null) return <span className="none">{texts.messageGone}</span>;
  return (
    <span>
      <button
        type="button"
        className="thread-entry"
        aria-disabled={action.busy}
        onClick={() => void action.run(() => chat.openMessage(cid, seq)).then((isDone) => isDone && onOpened())}
      >
        <strong>{conversation === undefined ? '…' : titleOf(state, conversation, chat.me)}</strong>
        <Said message={message} state={state} />
        {note !== null && <small dir="auto">{note}</small>}
      </button>
      <Problem text={action.error} />
    </span>
  );
}
