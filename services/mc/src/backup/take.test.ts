import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { listBackups, writeBackup } from './folder.ts';
import { takeBackup } from './take.ts';

test('a backup that began in the same second is not touched: the next second is waited for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mc-backups-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-30T04:15:00.700Z') });
  onTestFinished(() => void vi.useRealTimers());
  const other = { id: '20261130T041500Z', endedAt: '2026-11-30T04:15:00.500Z', bytes: 1 };
  await writeBackup(folder, other);
  const during = <T>(_title: string, work: () => Promise<T>) => work();
  const progress = { start: () => {}, update: () => {}, stop: () => {}, during };
  // Nothing listens there.
  const url = 'postgres://nobody@127.0.0.1:1/none';
  const taken = takeBackup({ url, folder, keep: 7, mark: false, progress });
  vi.setSystemTime(Date.parse('2026-11-30T04:15:01.010Z'));
  await expect(taken).rejects.not.toThrow('EEXIST');
  expect(await listBackups(folder)).toEqual([other]);
});
