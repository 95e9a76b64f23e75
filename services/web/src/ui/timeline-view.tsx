import { useEffect, useMemo, useRef, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { dayOf } from '../chat/format.ts';
import { newsIn, newsToShow } from '../chat/news.ts';
import { readableWords } from '../chat/said.ts';
import { type ChatState, type ConversationState, nameOf } from '../chat/state.ts';
import { threadsOf } from '../chat/threads.ts';
import { rowsOf } from '../chat/timeline.ts';
import { useTexts } from '../i18n/language.ts';
import { DownIcon } from './icons.tsx';
import { NewMessages } from './new-messages.tsx';
import { RowView } from './timeline-row.tsx';
import { useAim } from './use-aim.ts';
import type { Composing } from './use-composing.ts';
import { useDelivered } from './use-delivered.ts';
import { useKeptPlace } from './use-kept-place.ts';

export interface TimelineProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly conversation: ConversationState;
  readonly title: string;
  readonly composing: Composing;
}

/** This close to an edge counts as being there. */
const NEAR_PX = 80;

const isNearBeginning = ({ scrollTop, scrollHeight, clientHeight }: HTMLElement) =>
  scrollHeight - clientHeight + scrollTop < NEAR_PX * 4;

/**
 * The messages, from old to new. The scroller is laid out from its end (`column-reverse`): it stays at the newest message
 * by itself, and does not move when older ones come in above; `scrollTop` is 0 at the end and negative above it.
 */
export function TimelineView({ chat, state, conversation, title, composing }: TimelineProps) {
  const texts = useTexts();
  const { cid, head, timeline, excerpt, aim, reads, newAfter, threads, deliveredUpTo } = conversation;
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [leftAt, setLeftAt] = useState(head);
  const shown = excerpt ?? timeline;
  const rows = rowsOf(shown, { me: chat.me, reads, newAfter, deliveredUpTo, dayOf });
  const ownThreads = useMemo(() => threadsOf({ threads, timeline }, chat.me), [threads, timeline, chat]);
  const news = newsToShow(conversation, chat.me);
  const oldest = shown.messages[0]?.seq;
  const atNewest = atEnd && excerpt === undefined;
  // A thread may cover the conversation.
  const isBesideThread = state.thread !== undefined;
  const keepPlace = useKeptPlace(scroller);
  useAim(scroller, aim);
  useDelivered(chat, conversation);

  useEffect(() => {
    const see = () => {
      if (!atNewest || !timeline.loaded || document.visibilityState !== 'visible') return;
      if (scroller.current?.checkVisibility({ visibilityProperty: true }) === true) chat.seen(cid);
    };
    see();
    document.addEventListener('visibilitychange', see);
    return () => document.removeEventListener('visibilitychange', see);
  }, [chat, cid, head, atNewest, timeline.loaded, isBesideThread]);

  // A page may consist of replies, which are not shown here, so that nothing is there to scroll.
  useEffect(() => {
    if (shown.loaded && scroller.current !== null && isNearBeginning(scroller.current))
      void chat.history.loadOlder(cid);
  }, [chat, cid, oldest, shown.loaded]);

  function onScroll(element: HTMLElement): void {
    const isAtEnd = -element.scrollTop < NEAR_PX;
    if (atEnd && !isAtEnd) setLeftAt(head);
    setAtEnd(isAtEnd);
    if (isNearBeginning(element)) void chat.history.loadOlder(cid);
    if (excerpt !== undefined && isAtEnd) void chat.history.loadNewer(cid).then(keepPlace);
  }

  function toNewest(): void {
    if (excerpt === undefined) return scroller.current?.scrollTo({ top: 0, behavior: 'smooth' });
    chat.history.showNewest(cid);
    scroller.current?.scrollTo({ top: 0 });
  }

  return (
    <div className="timeline-frame">
      <div
        ref={scroller}
        className="timeline"
        role="region"
        aria-label={texts.messagesOf(title)}
        tabIndex={0}
        data-excerpt={excerpt !== undefined}
        onScroll={(event) => onScroll(event.currentTarget)}
      >
        <ol className="rows" aria-busy={!timeline.loaded}>
          {shown.loadingOlder && <li className="note">{texts.loadingOlder}</li>}
          {rows.map((row) => (
            <RowView
              key={row.key}
              {...{ row, chat, state, cid, composing }}
              aim={aim?.line === true ? undefined : aim?.seq}
              threads={ownThreads}
            />
          ))}
          {timeline.loaded && rows.length <= 1 && <li className="note">{texts.emptyConversation}</li>}
        </ol>
      </div>
      {news > 0 && (
        <NewMessages key={newAfter} scroller={scroller} count={news} onShow={() => chat.history.showNew(cid)} />
      )}
      {!atNewest && (
        <button type="button" className="to-newest" onClick={toNewest}>
          <DownIcon />
          {texts.toNewest(newsIn(timeline.messages, leftAt, chat.me).length)}
        </button>
      )}
      <Announcer chat={chat} state={state} conversation={conversation} />
    </div>
  );
}

/** Reads new messages of others aloud; the list itself would also read what scrolling back brings in. */
function Announcer({ chat, state, conversation: { last } }: Pick<TimelineProps, 'chat' | 'state' | 'conversation'>) {
  const texts = useTexts();
  const [first] = useState(last?.seq ?? 0);
  const isNews = last !== undefined && last.seq > first && last.from !== chat.me;
  const text = isNews ? readableWords(last, state) : undefined;
  return (
    <p className="visually-hidden" role="log" aria-live="polite">
      {isNews && text !== undefined && texts.said(nameOf(state, last.from), text)}
    </p>
  );
}
