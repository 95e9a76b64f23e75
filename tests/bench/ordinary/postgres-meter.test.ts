import { expect, test } from 'vitest';
import { type PostgresReading, processesBetween } from './postgres-meter.ts';

type Processes = Record<number, [database: string | null, cpuUs: number]>;

const reading = (endedUs: number, processes: Processes): PostgresReading => ({
  lsn: '0/0',
  endedUs,
  processes: new Map(
    Object.entries(processes).map(([pid, [database, cpuUs]]) => [
      Number(pid),
      { database, use: { cpuUs, wakeUps: cpuUs } },
    ]),
  ),
});

test('backends of the database and processes of none count, those of other databases do not', () => {
  const before = reading(0, { 1: [null, 5], 2: ['ours', 10], 3: ['theirs', 10] });
  const after = reading(0, { 1: [null, 7], 2: ['ours', 30], 3: ['theirs', 99], 4: ['ours', 4] });
  expect(processesBetween(before, after, 'ours')).toEqual({ cpuUs: 2 + 20 + 4, wakeUps: 2 + 20 + 4 });
});

test('of a process that has ended what it used since counts, and not what it had used before', () => {
  const before = reading(100, { 1: [null, 5], 2: ['theirs', 1_000] });
  const after = reading(1_130, { 1: [null, 5] });
  expect(processesBetween(before, after, 'ours').cpuUs).toBe(30);
});
