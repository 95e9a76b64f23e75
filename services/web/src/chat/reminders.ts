/** What the page knows of the person's reminders, and the times it suggests for one. All of it pure. */
import type { ReminderState } from '@messagecore/sdk';

export interface Reminders {
  /** Those whose time has come and that are not done, by their times. */
  readonly due: readonly ReminderState[];
  /** Grows with every change of any reminder: a list that is shown is read anew. */
  readonly changes: number;
}

export const NO_REMINDERS: Reminders = { due: [], changes: 0 };

/** A reminder was made or changed, is due, or was removed. */
export function withReminder({ due, changes }: Reminders, told: ReminderState): Reminders {
  const others = due.filter(({ reminderId }) => reminderId !== told.reminderId);
  return { due: told.state === 'due' ? inOrder([...others, told]) : others, changes: changes + 1 };
}

const inOrder = (reminders: readonly ReminderState[]) => reminders.toSorted((a, b) => a.at - b.at);

/** Another one when the same reminder is due again. */
export const dueKey = ({ reminderId, at }: ReminderState): string => `${reminderId} ${at}`;

/** Times that are suggested, in the order in which they are shown. */
export const SUGGESTIONS = ['minutes20', 'hour', 'hours3', 'tomorrow', 'nextWeek'] as const;
export type Suggestion = (typeof SUGGESTIONS)[number];

const MINUTE_MS = 60_000;
const MONDAY = 1;
const MORNING = 9;

/** By the clock of the person: mornings are at nine where the person is, and the next week begins on Monday. */
export function suggestedTime(suggestion: Suggestion, now: number): number {
  switch (suggestion) {
    case 'minutes20':
      return now + 20 * MINUTE_MS;
    case 'hour':
      return now + 60 * MINUTE_MS;
    case 'hours3':
      return now + 180 * MINUTE_MS;
    case 'tomorrow':
      return morningIn(1, now);
    case 'nextWeek':
      return morningIn(((MONDAY + 6 - new Date(now).getDay()) % 7) + 1, now);
  }
}

function morningIn(days: number, now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, MORNING).getTime();
}
