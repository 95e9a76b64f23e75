import { expect, test } from 'vitest';
import { firstDayOf, lastDayOf, monthAt, Months } from './months.ts';

test('a month has its first and its last day', () => {
  const month = monthAt(Date.UTC(2028, 1, 29, 23, 59, 59));
  expect([month, firstDayOf(month), lastDayOf(month)]).toEqual(['2028-02', '2028-02-01', '2028-02-29']);
  expect(lastDayOf('2026-12')).toBe('2026-12-31');
});

test('who asks often gets the same', () => {
  const months = new Months();
  const end = Date.UTC(2026, 10, 30, 23, 59, 59, 999);
  for (const ms of [end, end, end + 1, end, end + 32 * 24 * 3_600_000]) expect(months.at(ms)).toBe(monthAt(ms));
});
