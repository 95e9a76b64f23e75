import type { ReminderState } from '@messagecore/sdk';
import { expect, test } from 'vitest';
import { dueKey, NO_REMINDERS, SUGGESTIONS, suggestedTime, withReminder } from './reminders.ts';

const reminder = (reminderId: string, at: number, state: ReminderState['state']): ReminderState => ({
  ...{ reminderId, at, state, cid: 'room', seq: 1, note: null },
});

test('[RMND-2] what is due stands there by its time, until it waits again or is removed', () => {
  const both = ['b', 'a'].reduce(
    (known, id) => withReminder(known, reminder(id, id === 'a' ? 1 : 2, 'due')),
    NO_REMINDERS,
  );
  expect(both.due.map(({ reminderId }) => reminderId)).toEqual(['a', 'b']);
  const [first] = both.due;
  const snoozed = withReminder(both, reminder('a', 9, 'waiting'));
  expect(snoozed.due.map(({ reminderId }) => reminderId)).toEqual(['b']);
  const again = withReminder(snoozed, reminder('a', 9, 'due'));
  expect(again.due.map((each) => dueKey(each))).toEqual(['b 2', 'a 9']);
  expect(first && dueKey(first)).toBe('a 1');
  expect(withReminder(again, reminder('b', 2, 'removed'))).toMatchObject({ due: [{ reminderId: 'a' }], changes: 5 });
});

test.each([
  ['a Sunday', new Date(2026, 10, 29, 20, 15), [new Date(2026, 10, 30, 9), new Date(2026, 10, 30, 9)]],
  ['a Monday', new Date(2026, 10, 30, 0, 5), [new Date(2026, 11, 1, 9), new Date(2026, 11, 7, 9)]],
  ['the last day of a year', new Date(2026, 11, 31, 23, 59), [new Date(2027, 0, 1, 9), new Date(2027, 0, 4, 9)]],
])('on %s mornings are those of the days that follow, where the person is', (_day, date, mornings) => {
  const now = date.getTime();
  const times = SUGGESTIONS.map((each) => suggestedTime(each, now));
  expect(times.slice(0, 3).map((at) => at - now)).toEqual([1_200_000, 3_600_000, 10_800_000]);
  expect(times.slice(3)).toEqual(mornings.map((each) => each.getTime()));
});
