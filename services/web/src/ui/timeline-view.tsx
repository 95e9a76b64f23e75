import { systemClock } from '@messagecore/kernel';
import { useEffect, useRef, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { dayName, dayOf } from '../chat/format.ts';
import { type ChatState, type ConversationState, nameOf } from '../chat/state.ts';
import { type Row, rowsOf, textOf } from '../chat/timeline.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { DownIcon } from './icons.tsx';
import { MessageBubble, PendingBubble } from './message.tsx';

export interface TimelineProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly conversation: ConversationState;
  readonly title: string;
}

/** This close to an edge counts as being there. */
const NEAR_PX = 80;

/**
 * The messages, from old to new. The scroller is laid out from its end (`column-reverse`): it stays at the newest message
 * by itself, and does not move when older ones come in above; `scrollTop` is 0 at the end and negative above it.
 */
export function TimelineView({ chat, state, conversation, title }: TimelineProps) {
  const texts = useTexts();
  const { cid, head, timeline, reads, newAfter } = conversation;
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [leftAt, setLeftAt] = useState(head);
  const rows = rowsOf(timeline, { me: chat.me, reads, newAfter, dayOf });

  useEffect(() => {
    const see = () => {
      if (atEnd && timeline.loaded && document.visibilityState === 'visible') chat.seen(cid);
    };
    see();
    document.addEventListener('visibilitychange', see);
    return () => document.removeEventListener('visibilitychange', see);
  }, [chat, cid, head, atEnd, timeline.loaded]);

  function onScroll({ scrollTop, scrollHeight, clientHeight }: HTMLElement): void {
    const isAtEnd = -scrollTop < NEAR_PX;
    if (atEnd && !isAtEnd) setLeftAt(head);
    setAtEnd(isAtEnd);
    if (scrollHeight - clientHeight + scrollTop < NEAR_PX * 4) void chat.loadOlder(cid);
  }

  return (
    <div className="timeline-frame">
      <div
        ref={scroller}
        className="timeline"
        role="region"
        aria-label={texts.messagesOf(title)}
        tabIndex={0}
        onScroll={(event) => onScroll(event.currentTarget)}
      >
        <ol className="rows" aria-busy={!timeline.loaded}>
          {timeline.loadingOlder && <li className="note">{texts.loadingOlder}</li>}
          {rows.map((row) => (
            <RowView key={row.key} row={row} chat={chat} state={state} conversation={conversation} />
          ))}
          {timeline.loaded && rows.length <= 1 && <li className="note">{texts.emptyConversation}</li>}
        </ol>
      </div>
      {!atEnd && (
        <button
          type="button"
          className="to-newest"
          onClick={() => scroller.current?.scrollTo({ top: 0, behavior: 'smooth' })}
        >
          <DownIcon />
          {texts.toNewest(head - leftAt)}
        </button>
      )}
      <Announcer chat={chat} state={state} conversation={conversation} />
    </div>
  );
}

interface RowProps {
  readonly row: Row;
  readonly chat: Chat;
  readonly state: ChatState;
  readonly conversation: ConversationState;
}

function RowView({ row, chat, state, conversation: { cid } }: RowProps) {
  const texts = useTexts();
  const language = useLanguage();
  switch (row.type) {
    case 'beginning':
      return <li className="note">{texts.beginning}</li>;
    case 'day':
      return (
        <li className="day">
          <time>{dayName(row.at, systemClock.now(), language, texts)}</time>
        </li>
      );
    case 'newMessages':
      return <li className="new-messages">{texts.newMessages}</li>;
    case 'missing':
      return <li className="note">{texts.missing(row.count)}</li>;
    case 'system':
      return <SystemRow row={row} state={state} />;
    case 'pending':
      return (
        <PendingBubble
          pending={row.pending}
          starts={row.starts}
          onAgain={() => chat.send(cid, row.pending.text, row.pending.mid)}
        />
      );
    case 'message':
      return <MessageBubble row={row} state={state} />;
  }
}

function SystemRow({ row, state }: { readonly row: Row & { type: 'system' }; readonly state: ChatState }) {
  const texts = useTexts();
  const { event, users } = row.message.body as { event?: string; users?: string[] };
  const names = (users ?? []).map((user) => nameOf(state, user));
  const say = () => {
    if (names.length > 0 && (event === 'joined' || event === 'added')) return texts.joinedEvent(names);
    if (names.length > 0 && (event === 'left' || event === 'removed')) return texts.leftEvent(names);
    return texts.otherEvent(event ?? row.message.kind);
  };
  return <li className="note">{say()}</li>;
}

/** Reads new messages of others aloud; the list itself would also read what scrolling back brings in. */
function Announcer({ chat, state, conversation: { last } }: Omit<RowProps, 'row'>) {
  const texts = useTexts();
  const [first] = useState(last?.seq ?? 0);
  const isNews = last !== undefined && last.seq > first && last.from !== chat.me;
  const text = isNews ? textOf(last) : undefined;
  return (
    <p className="visually-hidden" role="log" aria-live="polite">
      {isNews && text !== undefined && texts.said(nameOf(state, last.from), text)}
    </p>
  );
}
