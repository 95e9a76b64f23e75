import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { REQUIRED_SCHEMA_VERSION } from './migrations.ts';

const FOLDER = new URL('../../../../../migrations/', import.meta.url);

async function readJournal() {
  const journal = await readFile(new URL('meta/_journal.json', FOLDER), 'utf8');
  return (JSON.parse(journal) as { entries: { idx: number; when: number; tag: string }[] }).entries;
}

test('[OPS-6] the code asks for the newest migration there is', async () => {
  expect(REQUIRED_SCHEMA_VERSION).toBe((await readJournal()).at(-1)?.when);
});

test('[OPS-6] each file is in the journal, later than the one before it: else it would be passed over', async () => {
  const entries = await readJournal();
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).toSorted();
  expect(entries.map(({ tag }) => `${tag}.sql`)).toEqual(files);
  expect(entries.map(({ idx }) => idx)).toEqual(entries.map((_, place) => place));
  const times = entries.map(({ when }) => when);
  expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
});
