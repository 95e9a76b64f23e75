import { systemClock } from '@messagecore/kernel';
import { dayOf, shortDate, timeOf } from '../chat/format.ts';
import type { Thread } from '../chat/threads.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';

/** “3 replies · last at 10:42”. */
export function useThreadLine({ replies, lastAt }: Pick<Thread, 'replies' | 'lastAt'>): string {
  const texts = useTexts();
  const language = useLanguage();
  if (lastAt === null) return texts.replies(replies);
  const now = systemClock.now();
  const isToday = dayOf(lastAt) === dayOf(now);
  const last = isToday ? texts.lastAt(timeOf(lastAt, language)) : texts.lastOn(shortDate(lastAt, now, language, texts));
  return `${texts.replies(replies)} · ${last}`;
}

export function UnreadDot({ count }: { readonly count: number }) {
  const texts = useTexts();
  return count === 0 ? null : <UnreadMark text={texts.unreadReplies(count)} />;
}

/** A dot, and what it says. */
export function UnreadMark({ text }: { readonly text: string }) {
  return (
    <span className="unread-dot">
      <span className="visually-hidden">{text}</span>
    </span>
  );
}

export interface ThreadSummaryProps {
  readonly thread: Thread;
  readonly onOpen: () => void;
}

/** Below the root of a thread. */
export function ThreadSummary({ thread, onOpen }: ThreadSummaryProps) {
  const line = useThreadLine(thread);
  return (
    <button type="button" className="thread-summary" onClick={onOpen}>
      {line}
      <UnreadDot count={thread.unread} />
    </button>
  );
}
