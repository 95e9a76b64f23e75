import { systemClock } from '@messagecore/kernel';
import { useEffect, useRef, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { dayName, dayOf } from '../chat/format.ts';
import type { Mentionable } from '../chat/mentions.ts';
import type { OpenThread } from '../chat/open-thread.ts';
import type { ChatState, ConversationState } from '../chat/state.ts';
import { type Thread, threadsOf } from '../chat/threads.ts';
import { lastTextOf, rowsOf } from '../chat/timeline.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { ActionButton } from '../panels/action-button.tsx';
import { Composer } from './composer.tsx';
import { Problem } from './form.tsx';
import { CloseIcon } from './icons.tsx';
import { RowView } from './timeline-row.tsx';
import { wordsOf } from './use-action.ts';
import { useAim } from './use-aim.ts';
import { type Composing, useComposing } from './use-composing.ts';

export interface ThreadDrawerProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly conversation: ConversationState;
  readonly thread: OpenThread;
  /** Of the conversation. */
  readonly title: string;
  /** Who may be mentioned. */
  readonly people: readonly Mentionable[];
}

/** This close to the end counts as being there. */
const NEAR_PX = 80;

/** A thread beside its conversation: the root, and its replies, laid out from their end as a conversation is. */
export function ThreadDrawer({ chat, state, conversation, thread, title, people }: ThreadDrawerProps) {
  const texts = useTexts();
  const { cid, reads, deliveredUpTo, timeline: inConversation } = conversation;
  const { seq, root, timeline, hasOlder, newAfter, error } = thread;
  const [atEnd, setAtEnd] = useState(true);
  const { me } = chat;
  const known = threadsOf(conversation, me).get(seq);
  const view = { me, reads, deliveredUpTo, newAfter, dayOf, threadRoot: seq };
  const all = rowsOf({ ...timeline, pending: inConversation.pending }, view);
  // The root tells its day already.
  const rows = all[0]?.type === 'day' && root !== undefined && dayOf(root.at) === dayOf(all[0].at) ? all.slice(1) : all;
  const composing = useComposing();
  const scroller = useRef<HTMLDivElement>(null);
  useFocusGoesBack();
  useAim(scroller, timeline.loaded ? thread.aim : undefined);

  useEffect(() => {
    const see = () => {
      if (atEnd && timeline.loaded && document.visibilityState === 'visible') void chat.threads.seen(cid, seq);
    };
    see();
    document.addEventListener('visibilitychange', see);
    return () => document.removeEventListener('visibilitychange', see);
  }, [chat, cid, seq, atEnd, timeline.loaded, known?.lastSeq, known?.readUpTo, state.connection.phase]);

  return (
    <aside className="thread" aria-label={texts.threadOf(title)}>
      <Head chat={chat} cid={cid} known={timeline.loaded ? known : undefined} title={title} />
      <div
        ref={scroller}
        className="timeline"
        role="region"
        aria-label={texts.replies(known?.replies ?? 0)}
        tabIndex={0}
        onScroll={({ currentTarget }) => setAtEnd(-currentTarget.scrollTop < NEAR_PX)}
      >
        <ol className="rows" aria-busy={!timeline.loaded && error === undefined}>
          <Root {...{ chat, state, thread, composing }} />
          {hasOlder && (
            <li className="note">
              <ActionButton text={texts.earlierReplies} work={() => chat.threads.loadOlder(cid, seq)} />
            </li>
          )}
          {rows.map((row) => (
            <RowView key={row.key} {...{ row, chat, state, cid, composing }} aim={thread.aim?.seq} />
          ))}
          {timeline.loaded && rows.length === 0 && <li className="note">{texts.noReplies}</li>}
          {!timeline.loaded && error === undefined && <li className="note">{texts.loading}</li>}
          {error !== undefined && (
            <li className="note">
              <Problem text={wordsOf(error, texts)} />
            </li>
          )}
        </ol>
      </div>
      <Composer
        label={texts.writeReply}
        {...{ chat, state, cid, composing, people }}
        threadRoot={seq}
        onSend={(text, place) => chat.sends.text(cid, text, place)}
        onEditLast={() => composing.edit(lastTextOf(timeline.messages, me, seq)?.seq)}
      />
    </aside>
  );
}

interface HeadProps {
  readonly chat: Chat;
  readonly cid: string;
  /** Undefined before it was told. */
  readonly known: Thread | undefined;
  readonly title: string;
}

function Head({ chat, cid, known, title }: HeadProps) {
  const texts = useTexts();
  return (
    <header className="conversation-head">
      <div className="conversation-title">
        <h2>{texts.thread}</h2>
        <p>{title}</p>
      </div>
      {known !== undefined && (
        <span className="thread-follow">
          <ActionButton
            text={known.following ? texts.unfollow : texts.follow}
            work={() => chat.threads.follow(cid, known.seq, !known.following)}
          />
        </span>
      )}
      <button
        type="button"
        className="round"
        aria-label={texts.closeThread}
        title={texts.closeThread}
        onClick={() => chat.threads.close()}
      >
        <CloseIcon />
      </button>
    </header>
  );
}

interface RootProps extends Pick<ThreadDrawerProps, 'chat' | 'state' | 'thread'> {
  readonly composing: Composing;
}

/** What the replies answer, with the day on which it was said. */
function Root({ chat, state, thread: { root }, composing }: RootProps) {
  const texts = useTexts();
  const language = useLanguage();
  if (root === undefined) return null;
  const shape = { mine: root.from === chat.me, starts: true, ends: true };
  return (
    <>
      <li className="note">{dayName(root.at, systemClock.now(), language, texts)}</li>
      <RowView
        {...{ chat, state, composing }}
        cid={root.cid}
        row={{ type: 'message', key: root.mid, message: root, ...shape }}
      />
    </>
  );
}

/** To where it was before the composer took it. */
function useFocusGoesBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    },
    [before],
  );
}
