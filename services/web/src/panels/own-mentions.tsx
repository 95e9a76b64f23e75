import type { Operations } from '@messagecore/sdk';
import { useCallback } from 'react';
import type { Chat } from '../chat/chat.ts';
import { dateOf } from '../chat/format.ts';
import { type ChatState, titleOf } from '../chat/state.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/form.tsx';
import { Said } from '../ui/said.tsx';
import { UnreadMark } from '../ui/thread-summary.tsx';
import { useAction } from '../ui/use-action.ts';
import { Pages } from './pages.tsx';

export interface OwnMentionsProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly onClose: () => void;
}

type Mention = Operations['mentions.mine']['result']['items'][number];

/** The messages that mention one, in all conversations, the newest first. */
export function OwnMentions({ chat, state, onClose }: OwnMentionsProps) {
  const texts = useTexts();
  const { client } = chat;
  const load = useCallback(
    (cursor: string | undefined) => client.call('mentions.mine', cursor === undefined ? {} : { cursor }),
    [client],
  );
  const keyOf = ({ message: { cid, seq } }: Mention) => `${cid} ${seq}`;
  return (
    <Dialog title={texts.myMentions} onClose={onClose}>
      <Pages label={texts.myMentions} load={load} keyOf={keyOf} none={texts.noMentions}>
        {(mention) => <Entry chat={chat} state={state} mention={mention} onOpened={onClose} />}
      </Pages>
    </Dialog>
  );
}

interface EntryProps extends Pick<OwnMentionsProps, 'chat' | 'state'> {
  readonly mention: Mention;
  readonly onOpened: () => void;
}

/** Leads to the message in its conversation. */
function Entry({ chat, state, mention: { message, unread }, onOpened }: EntryProps) {
  const texts = useTexts();
  const language = useLanguage();
  const action = useAction();
  const { cid, seq, at } = message;
  const conversation = state.conversations.get(cid);
  return (
    <>
      <button
        type="button"
        className="thread-entry"
        aria-disabled={action.busy}
        onClick={() => void action.run(() => chat.openMessage(cid, seq)).then((isDone) => isDone && onOpened())}
      >
        <strong>
          {conversation === undefined ? '…' : titleOf(state, conversation, chat.me)}
          {unread && <UnreadMark text={texts.unreadMention} />}
        </strong>
        <Said message={message} state={state} />
        <small>{dateOf(at, language)}</small>
      </button>
      <Problem text={action.error} />
    </>
  );
}
