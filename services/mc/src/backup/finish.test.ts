import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { finishRestoration } from './finish.ts';
import { writeBackup } from './folder.ts';

test('a backup that has no mark, or is not there, is refused before anything is asked of the server', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mc-backups-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await writeBackup(folder, { id: 'a', endedAt: '2026-11-30T01:00:00.000Z', bytes: 1 });
  const during = <T>(_title: string, work: () => Promise<T>) => work();
  const progress = { start: () => {}, update: () => {}, stop: () => {}, during };
  // Nothing listens there.
  const at = { url: 'postgres://nobody@127.0.0.1:1/none', natsUrl: 'nats://127.0.0.1:1', waitMs: 0, progress };
  for (const id of ['a', 'b']) {
    await expect(finishRestoration({ ...at, mark: { folder, id } })).rejects.toThrow(`the backup ${id} has no mark`);
  }
});
