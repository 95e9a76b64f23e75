import { expect, test } from 'vitest';
import { firstDayOf, lastDayOf, monthAt } from './months.ts';

test('a month has its first and its last day', () => {
  const month = monthAt(Date.UTC(2028, 1, 29, 23, 59, 59));
  expect([month, firstDayOf(month), lastDayOf(month)]).toEqual(['2028-02', '2028-02-01', '2028-02-29']);
  expect(lastDayOf('2026-12')).toBe('2026-12-31');
});
