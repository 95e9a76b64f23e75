import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { REQUIRED_SCHEMA_VERSION } from './migrations.ts';

test('[OPS-6] the code asks for the newest migration there is', async () => {
  const journal = await readFile(new URL('../../../../../migrations/meta/_journal.json', import.meta.url), 'utf8');
  const { entries } = JSON.parse(journal) as { entries: { when: number }[] };
  expect(REQUIRED_SCHEMA_VERSION).toBe(entries.at(-1)?.when);
});
