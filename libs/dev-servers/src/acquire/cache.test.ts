import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silent, testFolder } from '../test-helpers.ts';
import { cached } from './cache.ts';

const filler = (text: string) => (folder: string) => writeFile(join(folder, 'file'), text);

test('an entry is filled once however many want it at the same time', async () => {
  const entry = join(testFolder(), 'entry');
  let fills = 0;
  const fill = async (folder: string) => {
    fills += 1;
    await filler('whole')(folder);
  };
  const folders = await Promise.all([1, 2, 3].map(() => cached(entry, fill, silent)));
  expect(folders).toEqual([entry, entry, entry]);
  expect(fills).toBe(1);
});

test('a failed attempt leaves nothing, and the next one starts afresh', async () => {
  const parent = testFolder();
  const entry = join(parent, 'entry');
  const broken = async (folder: string) => {
    await filler('half')(folder);
    throw new Error('network gone');
  };
  await expect(cached(entry, broken, silent)).rejects.toThrow('network gone');
  expect(readdirSync(parent)).toEqual([]);
  await cached(entry, filler('whole'), silent);
  expect(readdirSync(parent)).toEqual(['entry']);
});

test('the lock of a process that died is taken over', async () => {
  const entry = join(testFolder(), 'entry');
  mkdirSync(`${entry}.lock`);
  const nobody = 2 ** 30;
  writeFileSync(join(`${entry}.lock`, 'pid'), String(nobody));
  await cached(entry, filler('whole'), silent);
  expect(existsSync(join(entry, 'file'))).toBe(true);
  expect(existsSync(`${entry}.lock`)).toBe(false);
});

test.each([
  ['names nobody', undefined],
  ['names a process that has its number by chance', process.pid],
])('a lock that %s, and that nobody has renewed for long, is taken over', async (_, pid) => {
  const entry = join(testFolder(), 'entry');
  mkdirSync(`${entry}.lock`);
  if (pid !== undefined) writeFileSync(join(`${entry}.lock`, 'pid'), String(pid));
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(`${entry}.lock`, longAgo, longAgo);
  await cached(entry, filler('whole'), silent);
  expect(existsSync(join(entry, 'file'))).toBe(true);
  expect(existsSync(`${entry}.lock`)).toBe(false);
});
