import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dataFolder, walFolder } from './folder.ts';
import { layWal } from './lay-wal.ts';

const NAME = '000000010000000000000003';
const NO_PROGRESS = {
  start: () => {},
  update: () => {},
  stop: () => {},
  during: <T>(_title: string, work: () => Promise<T>) => work(),
};
const padded = (text: string) => text.padEnd(64, '\0');

test.each([
  ['less than the backup has', { partial: 'WAL' }, 'WAL of the backup', 'WAL of the backup'],
  [
    'more than the backup has',
    { partial: 'WAL of the backup, and more' },
    'WAL of the backup',
    'WAL of the backup, and more',
  ],
  ['what the backup lacks', { partial: 'WAL' }, undefined, 'WAL'],
  ['the full segment', { partial: 'WAL', full: 'WAL, all' }, 'WAL of the backup', 'WAL, all'],
])('of a segment of which the archive holds %s the longest copy is laid out', async (_what, archived, own, wanted) => {
  const root = mkdtempSync(join(tmpdir(), 'mc-backups-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [folder, into] = [join(root, 'backups'), join(root, 'into')];
  for (const each of [dataFolder(folder, 'a'), walFolder(folder, '00000001'), join(into, 'pg_wal')]) {
    mkdirSync(each, { recursive: true });
  }
  writeFileSync(join(dataFolder(folder, 'a'), 'backup_label'), `START WAL LOCATION: 0/3000028 (file ${NAME})\n`);
  const { partial, full } = archived as { partial: string; full?: string };
  const wal = walFolder(folder, '00000001');
  writeFileSync(join(wal, `${NAME}.partial`), padded(partial));
  if (full !== undefined) writeFileSync(join(wal, NAME), padded(full));
  if (own !== undefined) writeFileSync(join(into, 'pg_wal', NAME), padded(own));

  await layWal(folder, 'a', into, NO_PROGRESS);
  expect(readFileSync(join(into, 'pg_wal', NAME), 'utf8')).toBe(padded(wanted));
});
