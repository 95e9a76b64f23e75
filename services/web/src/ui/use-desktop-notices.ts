import type { ReminderState } from '@messagecore/sdk';
import { useEffect, useRef } from 'react';
import { dueKey } from '../chat/reminders.ts';

export interface NoticeOptions {
  readonly due: readonly ReminderState[];
  readonly title: string;
  /** What is said of one. */
  readonly wordsOf: (reminder: ReminderState) => string;
  readonly onOpen: (reminder: ReminderState) => void;
}

/** Tells of what is due in the browser's own way, where the person allowed it and looks elsewhere: once each. */
export function useDesktopNotices({ due, ...options }: NoticeOptions): void {
  const told = useRef(new Set<string>());
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    for (const reminder of due) {
      const tag = dueKey(reminder);
      if (told.current.has(tag)) continue;
      told.current.add(tag);
      if (!document.hasFocus()) notify(reminder, tag, latest.current);
    }
  }, [due]);
}

/** The same tag in several tabs is one notice. */
function notify(reminder: ReminderState, tag: string, { title, wordsOf, onOpen }: Omit<NoticeOptions, 'due'>): void {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
  try {
    const notice = new Notification(title, { body: wordsOf(reminder), tag });
    notice.addEventListener('click', () => {
      focus();
      notice.close();
      onOpen(reminder);
    });
  } catch {
    // Some browsers let service workers alone notify; the page has its own notice.
  }
}
