import { systemClock } from '@messagecore/kernel';
import type { Chat } from '../chat/chat.ts';
import { shortDate } from '../chat/format.ts';
import { readableLine, substituteFor } from '../chat/said.ts';
import {
  type ChatState,
  type ConversationState,
  inOrder,
  mentionsOf,
  nameOf,
  titleOf,
  unreadOf,
} from '../chat/state.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { Invitations } from '../panels/invitations.tsx';
import { Avatar } from './avatar.tsx';
import { EmojiText } from './emoji.tsx';
import { Problem } from './form.tsx';
import {
  AtIcon,
  BellIcon,
  BookmarkIcon,
  CheckIcon,
  MarkUnreadIcon,
  PinIcon,
  PlusIcon,
  SilentIcon,
  ThreadsIcon,
} from './icons.tsx';
import { Line } from './said.tsx';
import { useAction } from './use-action.ts';

export interface SidebarProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly onLanguage: () => void;
  readonly onFind: () => void;
  readonly onMe: () => void;
  readonly onThreads: () => void;
  readonly onMentions: () => void;
  readonly onBookmarks: () => void;
  readonly onReminders: () => void;
  /** Undefined for one of the demo's people. */
  readonly onSignOut: (() => void) | undefined;
}

export function Sidebar({ chat, state, onLanguage, onFind, onMe, onSignOut, ...lists }: SidebarProps) {
  const texts = useTexts();
  const name = state.myName ?? '…';
  const { phase, url } = state.connection;
  const gateway = url.replace(/^wss?:\/\/([^/]*).*$/, '$1');
  return (
    <nav className="sidebar" aria-label={texts.conversations}>
      <header className="me">
        <button type="button" className="me-open" aria-label={`${texts.me}: ${name}`} onClick={onMe}>
          <Avatar id={chat.me} name={name} />
          <span className="me-name">{name}</span>
        </button>
        <span
          className="light"
          data-phase={phase}
          data-gateway={url}
          title={phase === 'online' ? texts.online(gateway) : texts.reconnecting}
        />
        <button type="button" className="round" aria-label={texts.newConversation} onClick={onFind}>
          <PlusIcon />
        </button>
      </header>
      <OwnLists due={state.reminders.due.length} {...lists} />
      <Invitations chat={chat} state={state} />
      <h1 className="visually-hidden">{texts.conversations}</h1>
      <ul className="conversations">
        {inOrder(state.conversations).map((conversation) => (
          <li key={conversation.cid} className="listed">
            <Entry chat={chat} state={state} conversation={conversation} />
            <MarkButton chat={chat} conversation={conversation} />
          </li>
        ))}
        {state.listed && state.conversations.size === 0 && <li className="none">{texts.noConversations}</li>}
      </ul>
      <footer>
        {onSignOut === undefined ? (
          <a href="./">{texts.switchUser}</a>
        ) : (
          <button type="button" className="plain" onClick={onSignOut}>
            {texts.signOut}
          </button>
        )}
        <button type="button" className="plain" onClick={onLanguage}>
          {texts.otherLanguage}
        </button>
      </footer>
    </nav>
  );
}

interface OwnListsProps extends Pick<SidebarProps, 'onThreads' | 'onMentions' | 'onBookmarks' | 'onReminders'> {
  /** How many reminders are due. */
  readonly due: number;
}

/** What one follows, is mentioned in, keeps and is reminded of, in all conversations. */
function OwnLists({ due, onThreads, onMentions, onBookmarks, onReminders }: OwnListsProps) {
  const texts = useTexts();
  return (
    <div className="own-lists">
      <button type="button" className="own-list" aria-haspopup="dialog" onClick={onThreads}>
        <ThreadsIcon />
        {texts.myThreads}
      </button>
      <button type="button" className="own-list" aria-haspopup="dialog" onClick={onMentions}>
        <AtIcon />
        {texts.myMentions}
      </button>
      <button type="button" className="own-list" aria-haspopup="dialog" onClick={onBookmarks}>
        <BookmarkIcon />
        {texts.myBookmarks}
      </button>
      <button type="button" className="own-list" aria-haspopup="dialog" onClick={onReminders}>
        <BellIcon />
        {texts.myReminders}
        {due > 0 && (
          <span className="badge">
            <span aria-hidden="true">{due > 99 ? '99+' : due}</span>
            <span className="visually-hidden">{texts.dueReminders(due)}</span>
          </span>
        )}
      </button>
    </div>
  );
}

interface EntryProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly conversation: ConversationState;
}

function Entry({ chat, state, conversation }: EntryProps) {
  const texts = useTexts();
  const language = useLanguage();
  const { cid, last, info } = conversation;
  const title = titleOf(state, conversation, chat.me);
  const unread = unreadOf(conversation, chat.me);
  const mentions = mentionsOf(conversation, chat.me, state.groups);
  const isOpen = state.open === cid;
  const isMarked = info.settings?.markedUnread === true;
  const preview = usePreview(chat, state, conversation);
  return (
    <button type="button" className="entry" aria-current={isOpen} onClick={() => chat.open(cid)}>
      <Avatar id={info.peer ?? cid} name={title} presence={state.presence.get(info.peer ?? '')} />
      <span className="entry-title" id={titleId(cid)}>
        {title}
        {info.settings?.pinned === true && <PinIcon />}
        {info.settings !== null && info.settings.silentUntil !== null && <SilentIcon />}
      </span>
      {last !== undefined && <time>{shortDate(last.at, systemClock.now(), language, texts)}</time>}
      <span className="entry-preview">{preview}</span>
      {(isMarked || (unread > 0 && !isOpen)) && (
        <span className="badge">
          <span aria-hidden="true">{badgeOf(unread, mentions)}</span>
          <span className="visually-hidden">
            {unread === 0 ? texts.markedUnread : texts.unread(unread)}
            {mentions > 0 && ` ${texts.mentionsYou(mentions)}`}
          </span>
        </span>
      )}
    </button>
  );
}

function badgeOf(unread: number, mentions: number): string {
  const count = unread === 0 ? '•' : unread > 99 ? '99+' : String(unread);
  return mentions > 0 ? `@ ${count}` : count;
}

const titleId = (cid: string) => `title-${cid}`;

/** Marks the conversation as unread, or what is unread as read. */
function MarkButton({ chat, conversation }: Pick<EntryProps, 'chat' | 'conversation'>) {
  const texts = useTexts();
  const action = useAction();
  const { cid, head, info } = conversation;
  const isUnread = info.settings?.markedUnread === true || unreadOf(conversation, chat.me) > 0;
  if (head === 0 || info.settings === null) return null;
  const label = isUnread ? texts.markRead : texts.markUnread;
  return (
    <>
      <button
        type="button"
        className="round entry-mark"
        aria-label={label}
        title={label}
        aria-describedby={titleId(cid)}
        aria-disabled={action.busy}
        onClick={() => void action.run(() => chat.markUnread(cid, !isUnread))}
      >
        {isUnread ? <CheckIcon /> : <MarkUnreadIcon />}
      </button>
      <Problem text={action.error} />
    </>
  );
}

/** What goes on there: what one has begun to write, who types, or what was said last. */
function usePreview(chat: Chat, state: ChatState, { cid, typing, last }: ConversationState) {
  const texts = useTexts();
  const draft = state.open === cid ? '' : (state.drafts.get(cid)?.text ?? '');
  if (draft !== '') return <EmojiText text={texts.draft(draft)} emojis={state.emojis} />;
  if (typing.size > 0) return <em>{texts.typing([...typing].map((user) => nameOf(state, user)))}…</em>;
  const line = last && readableLine(last, state);
  if (last === undefined || line === undefined) return last?.recalled === true ? substituteFor(last, texts) : '';
  return (
    <>
      {last.from === chat.me ? texts.youSaid('') : texts.said(nameOf(state, last.from), '')}
      <Line line={line} emojis={state.emojis} />
    </>
  );
}
