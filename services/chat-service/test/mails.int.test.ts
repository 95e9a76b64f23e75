/** A mail that is not sent leaves a line in the log, and is no failure. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountMailJob } from '../src/features/accounts/account-mail.job.ts';
import { createMailTokens, storeToken } from '../src/features/accounts/mail-tokens.ts';
import { sendMailJob } from '../src/features/accounts/send-mail.job.ts';
import type { Job } from '../src/platform/jobs/job-store.ts';
import { createMailer } from '../src/platform/mail/mailer.ts';
import { createDatabase, createTenant, type TestDatabase } from './rooms.ts';

const KIND = 'confirm';
const EMAIL = 'ann@example.com';
const mailTokens = createMailTokens(Buffer.from('a key'));
/** Nobody listens there: a mail that is tried fails. */
const mailer = createMailer({ url: 'smtp://127.0.0.1:9', from: 'Chat <chat@example.com>' });

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(async () => {
  mailer.close();
  await database.drop();
});

const lines: unknown[] = [];
const log = { warn: (...[fields, text]: unknown[]) => void lines.push({ ...(fields as object), text }) };
const jobOf = (tid: string, payload: object): Job => ({ id: 1, kind: '', tid, payload, attempt: 1, lease: '' });

/** What is logged when a mail is sent whose token was made with one key, and is stored as made with another. */
async function send(stored = mailTokens) {
  lines.length = 0;
  const tid = await createTenant(database.store);
  const { nonce } = mailTokens.make();
  const purpose = { purpose: KIND, email: EMAIL, details: {} } as const;
  await database.store.sql.begin((tx) => storeToken(tx, tid, purpose, { token: stored.of(nonce), ttlMs: 60_000 }));
  const letter = { email: EMAIL, locale: 'en', tenant: 'Test', kind: KIND, nonce };
  await sendMailJob(mailer, mailTokens, log).effect?.(database.store.sql, jobOf(tid, letter));
  return tid;
}

test('[ACCT-6] one whose token does not count, as after a change of the secret, is told, and no address with it', async () => {
  await expect(send()).rejects.toThrow(/ECONNREFUSED/);
  expect(lines).toEqual([]);
  const tid = await send(createMailTokens(Buffer.from('the key of before')));
  expect(lines).toEqual([{ job: 1, tid, kind: KIND, text: expect.stringMatching(/^mail not sent/) }]);
});

test('[ACCT-6] so is one of a tenant that is suspended or gone', async () => {
  lines.length = 0;
  const tid = randomUUID();
  const request = { about: 'forgotten', email: EMAIL, locale: 'en' };
  await database.store.sql.begin(async (tx) => accountMailJob(mailTokens, log).run?.(tx, jobOf(tid, request)));
  expect(lines).toEqual([{ job: 1, tid, about: 'forgotten', text: expect.stringMatching(/^mail not sent/) }]);
});
