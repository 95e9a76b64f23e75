import type { Thread } from '@messagecore/protocol/features';
import { useCallback } from 'react';
import type { Chat } from '../chat/chat.ts';
import { ownThreads } from '../chat/own-threads.ts';
import { type ChatState, nameOf, titleOf } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/form.tsx';
import { SaidWords } from '../ui/said.tsx';
import { UnreadDot, useThreadLine } from '../ui/thread-summary.tsx';
import { useAction, useLoaded } from '../ui/use-action.ts';
import { Pages } from './pages.tsx';

export interface OwnThreadsProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly onClose: () => void;
}

/** The threads that one follows, in all conversations. */
export function OwnThreads({ chat, state, onClose }: OwnThreadsProps) {
  const texts = useTexts();
  const { client } = chat;
  const load = useCallback(
    (cursor: string | undefined) => ownThreads((query) => client.call('threads.mine', query), cursor),
    [client],
  );
  return (
    <Dialog title={texts.myThreads} onClose={onClose}>
      <Pages label={texts.myThreads} load={load} keyOf={({ cid, seq }) => `${cid} ${seq}`} none={texts.noThreads}>
        {(thread) => <Entry chat={chat} state={state} thread={thread} onOpened={onClose} />}
      </Pages>
    </Dialog>
  );
}

interface EntryProps extends Pick<OwnThreadsProps, 'chat' | 'state'> {
  readonly thread: Thread;
  readonly onOpened: () => void;
}

/** Leads into its conversation, with the thread beside it. */
function Entry({ chat, state, thread, onOpened }: EntryProps) {
  const texts = useTexts();
  const action = useAction();
  const line = useThreadLine(thread);
  const { cid, seq, unread, latest } = thread;
  const conversation = state.conversations.get(cid);
  const { data: root } = useLoaded(useCallback(() => chat.messages.at(cid, seq), [chat, cid, seq]));
  const from = root?.from === chat.me ? texts.you : nameOf(state, root?.from ?? '');
  const names = latest.map(({ userId, displayName }) => (userId === chat.me ? texts.you : displayName));
  return (
    <>
      <button
        type="button"
        className="thread-entry"
        data-unread={unread > 0}
        aria-disabled={action.busy}
        onClick={() => void action.run(() => chat.openThread(cid, seq)).then((isDone) => isDone && onOpened())}
      >
        <strong>
          {conversation === undefined ? '…' : titleOf(state, conversation, chat.me)}
          <UnreadDot count={unread} />
        </strong>
        {root !== undefined && (
          <span dir="auto">
            {texts.said(from, '')}
            <SaidWords message={root} state={state} />
          </span>
        )}
        <small>{`${line} · ${texts.together(names)}`}</small>
      </button>
      <Problem text={action.error} />
    </>
  );
}
