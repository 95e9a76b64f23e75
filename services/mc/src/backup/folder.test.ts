import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { dataFolder, listBackups, prune, walFolder, walSince, writeBackup } from './folder.ts';

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mc-backups-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const segment = (number: number, timeline = 1) => `0000000${timeline}000000000000000${number}`;

async function backupAt(folder: string, id: string, first: number, timeline = 1): Promise<void> {
  mkdirSync(dataFolder(folder, id), { recursive: true });
  const label = `START WAL LOCATION: 0/1 (file ${segment(first, timeline)})\n`;
  writeFileSync(join(dataFolder(folder, id), 'backup_label'), label);
  await writeBackup(folder, { id, endedAt: `2026-11-30T0${first}:00:00.000Z`, bytes: 1 });
}

test('the newest backups stay, with the WAL from the first of them on; one that is not finished is none', async () => {
  const folder = emptyFolder();
  for (const [id, first] of [
    ['a', 2],
    ['b', 4],
    ['c', 6],
  ] as const)
    await backupAt(folder, id, first);
  mkdirSync(dataFolder(folder, 'd'), { recursive: true });
  const wal = walFolder(folder, '00000001');
  mkdirSync(wal, { recursive: true });
  for (const number of [2, 3, 4, 5]) writeFileSync(join(wal, segment(number)), '');
  writeFileSync(join(wal, `${segment(6)}.partial`), '');
  writeFileSync(join(wal, '00000002.history'), '');
  expect(await prune(folder, 2)).toEqual(['a']);
  expect((await listBackups(folder)).map(({ id }) => id)).toEqual(['b', 'c']);
  expect(readdirSync(wal).sort()).toEqual([segment(4), segment(5), `${segment(6)}.partial`, '00000002.history']);
});

test('the WAL of a newer backup stays that begins before an older one, after a restoration to an earlier moment', async () => {
  const folder = emptyFolder();
  await backupAt(folder, 'a', 1);
  await backupAt(folder, 'b', 6);
  await backupAt(folder, 'c', 3, 2);
  const needed = [`00000001/${segment(3)}`, `00000002/${segment(3, 2)}`, `00000002/${segment(4, 2)}.partial`];
  for (const timeline of ['00000001', '00000002']) mkdirSync(walFolder(folder, timeline), { recursive: true });
  for (const file of [`00000001/${segment(2)}`, ...needed]) writeFileSync(join(folder, 'wal', file), '');
  expect(await prune(folder, 2)).toEqual(['a']);
  const left = ['00000001', '00000002'].flatMap((each) =>
    readdirSync(walFolder(folder, each)).map((file) => `${each}/${file}`),
  );
  expect(left.sort()).toEqual(needed);
});

test('nothing is deleted while there are no more than stay', async () => {
  const folder = emptyFolder();
  await backupAt(folder, 'a', 2);
  expect(await prune(folder, 1)).toEqual([]);
});

test('what a restoration reads begins with the segment of the backup, a full segment after a partial one', async () => {
  const folder = emptyFolder();
  await backupAt(folder, 'a', 3);
  const wal = walFolder(folder, '00000001');
  mkdirSync(wal, { recursive: true });
  for (const file of [segment(2), segment(3), `${segment(3)}.partial`, '00000002.history']) {
    writeFileSync(join(wal, file), '');
  }
  const names = (await walSince(folder, 'a')).map(({ name, partial }) => [name, partial]);
  expect(names).toEqual([
    [segment(3), true],
    [segment(3), false],
    ['00000002.history', false],
  ]);
});
