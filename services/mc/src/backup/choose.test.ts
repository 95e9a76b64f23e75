import { expect, test } from 'vitest';
import { choose } from './choose.ts';
import type { BaseBackup } from './folder.ts';
import { parseHistory } from './timelines.ts';

const MARK = { name: 'm', at: '2026-11-30T00:00:00.000Z', stoppedMs: 1, tables: [] };

const backup = (id: string, hour: number, timeline: number, lsn: string): BaseBackup => ({
  ...{ id, endedAt: `2026-11-30T${hour}:00:00.000Z`, bytes: 1, end: { timeline, lsn } },
  ...(id !== 'c' && { mark: MARK }),
});

/** Everything was restored to ten o'clock, where timeline 1 was left at 0/5000000; `b` is on what was left. */
const A = backup('a', 10, 1, '0/3000060');
const B = backup('b', 11, 1, '0/7000060');
const C = backup('c', 13, 2, '0/6000060');
const SECOND = { number: 2, leftAt: parseHistory('1\t0/5000000\tbefore 2026-11-30 10:30:00+00\n') };
const THIRD = { number: 3, leftAt: parseHistory('1\t0/5000000\tx\n\n2\t0/6000060\tat restore point "m"\n') };

const at = (hour: number) => new Date(`2026-11-30T${String(hour).padStart(2, '0')}:30:00.000Z`);

test.each([
  ['the only timeline', [A, B], [], undefined, undefined, 'b', 'current'],
  ['a timeline that went on from before the newest backup', [A, B], [SECOND], undefined, undefined, 'a', '2'],
  ['a backup of what was left, when it is named', [A, B, C], [SECOND], 'b', undefined, 'b', 'current'],
  ['the newest timeline, of which no history has come', [A, B, C], [], undefined, undefined, 'c', 'current'],
  ['a moment before the first backup of the newest timeline', [A, B, C], [SECOND], undefined, at(12), 'a', '2'],
  ['a moment after it', [A, B, C], [SECOND], undefined, at(14), 'c', 'current'],
  ['a backup that ends where its timeline was left', [A, B, C], [SECOND, THIRD], undefined, undefined, 'c', '3'],
  ['a mark, which is on the timeline of the backup', [A, B, C], [SECOND], undefined, 'mark', 'a', 'current'],
] as const)('%s', (_what, backups, timelines, base, target, id, timeline) => {
  const chosen = choose(backups, timelines, base, target);
  expect({ id: chosen.backup.id, timeline: chosen.timeline }).toEqual({ id, timeline });
});

test('a backup that does not say where it ends follows the newest timeline', () => {
  const { end: _end, ...old } = B;
  expect(choose([old], [SECOND], undefined, undefined)).toEqual({ backup: old, timeline: 'latest' });
  expect(choose([old], [], undefined, undefined)).toEqual({ backup: old, timeline: 'latest' });
});

test('when none will do those that there are are named', () => {
  expect(() => choose([A, B], [SECOND], undefined, at(9))).toThrow(
    'there are: a (from 2026-11-30T10:00:00.000Z on), b',
  );
  expect(() => choose([C], [SECOND], undefined, 'mark')).toThrow('no backup will do');
});
