import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ensureSecrets, secretsFile } from './secrets.ts';

function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'messagecore-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('secrets are made once and kept, for their owner alone', async () => {
  const folder = testFolder();
  const made = await ensureSecrets(folder);
  expect(made.secretsKeys).toMatch(/^first:[A-Za-z0-9+/]{43}=$/);
  expect(await ensureSecrets(folder)).toEqual(made);
  expect(statSync(secretsFile(folder)).mode & 0o777).toBe(0o600);
});

test('a folder of an earlier version keeps what it has and gets what it lacks', async () => {
  const folder = testFolder();
  const older = { adminKey: 'admin', jwtSecret: 'jwt' };
  writeFileSync(secretsFile(folder), JSON.stringify(older));
  const kept = await ensureSecrets(folder);
  expect(kept).toMatchObject(older);
  expect(JSON.parse(readFileSync(secretsFile(folder), 'utf8'))).toEqual(kept);
  expect(await ensureSecrets(folder)).toEqual(kept);
});
