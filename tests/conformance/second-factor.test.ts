/** The second factor of accounts (ACCT-7). */
import type { RecoveryCodes, SignedIn, TotpSecret } from '@messagecore/protocol/features';
import { call, must, type TestTenant } from '@messagecore/testkit';
import { URI } from 'otpauth';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { codeOf } from '../support/account-place.ts';
import { newAccount, openTenant, PASSWORD, type TestAccount } from '../support/accounts.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let tenant: TestTenant;

beforeAll(async () => {
  system = await startSystem({ gateways: 0 });
  tenant = await openTenant(system);
});
afterAll(() => system.stop());

const post = <T = unknown>(path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
  call<T>('POST', `${system.api}/v1/auth/${path}`, { body, headers });
const signIn = ({ email }: TestAccount, code?: string) =>
  post<SignedIn>('sign-in', { tenant: tenant.tenantId, email, password: PASSWORD, code });

/** An account whose second factor is on, by the code of the step before this one. */
async function newGuarded() {
  const account = await newAccount(system, tenant);
  const options = { headers: account.auth, body: { password: PASSWORD } };
  const totp = await must<z.infer<typeof TotpSecret>>('POST', `${system.api}/v1/auth/totp`, options);
  const { recoveryCodes } = await must<z.infer<typeof RecoveryCodes>>('POST', `${system.api}/v1/auth/totp/confirm`, {
    headers: account.auth,
    body: { code: codeOf(totp.secret, -1) },
  });
  return { ...account, ...totp, recoveryCodes };
}

test('[ACCT-7] a sign-in needs a code, each of which works once', async () => {
  const account = await newGuarded();
  expect(await signIn(account)).toMatchObject({
    status: 401,
    body: { errors: [{ path: 'code', message: 'is needed' }] },
  });
  const code = codeOf(account.secret);
  const statuses = await Promise.all([0, 1, 2].map(() => signIn(account, code).then(({ status }) => status)));
  expect(statuses.toSorted()).toEqual([200, 401, 401]);
  expect((await signIn(account, code)).body.errors).toMatchObject([{ path: 'code' }]);
  expect((await signIn(account, codeOf(account.secret, -1))).status).toBe(401);
  expect((await signIn(account, codeOf(account.secret, 5))).status).toBe(401);
  expect((await signIn(account, codeOf(account.secret, 1))).status).toBe(200);
});

test('[ACCT-7] without the password no code is asked for', async () => {
  const { email } = await newGuarded();
  const answer = await post('sign-in', { tenant: tenant.tenantId, email, password: 'wrong' });
  expect(answer.status).toBe(401);
  expect(answer.body).not.toHaveProperty('errors');
});

test('[ACCT-7] each recovery code works once, however it is typed', async () => {
  const account = await newGuarded();
  const [first = '', second = ''] = account.recoveryCodes;
  const statuses = await Promise.all([0, 1].map(() => signIn(account, first).then(({ status }) => status)));
  expect(statuses.toSorted()).toEqual([200, 401]);
  expect((await signIn(account, second.toUpperCase().replaceAll('-', ' '))).status).toBe(200);
  expect((await signIn(account, second)).status).toBe(401);
  const kept = await system.sql`select hash from recovery_codes where user_id = ${account.signedIn.userId}`;
  expect(kept).toHaveLength(account.recoveryCodes.length - 2);
});

test('[ACCT-7] the secret is shown once, counts from its first code on, and is stored encrypted', async () => {
  const account = await newAccount(system, tenant);
  const start = () => post<z.infer<typeof TotpSecret>>('totp', { password: PASSWORD }, account.auth);
  expect((await post('totp', { password: 'wrong' }, account.auth)).status).toBe(401);
  const { body: first } = await start();
  expect((await signIn(account)).status).toBe(200);
  const { body: second } = await start();
  const confirm = (code: string) => post('totp/confirm', { code }, account.auth);
  expect((await confirm(codeOf(first.secret))).status).toBe(401);
  expect((await confirm(codeOf(second.secret))).status).toBe(200);
  expect((await start()).status).toBe(409);
  expect((await confirm(codeOf(second.secret, 1))).status).toBe(409);
  expect(URI.parse(second.uri)).toMatchObject({ label: account.email, digits: 6, period: 30, algorithm: 'SHA1' });
  const [row] = await system.sql<{ sealed: string }[]>`
    select totp_sealed as sealed from accounts where user_id = ${account.signedIn.userId}`;
  expect(row?.sealed).not.toContain(second.secret);
});

test('[ACCT-7] turning it off needs both, and signing in needs no code then', async () => {
  const account = await newGuarded();
  const stop = (password: string, code: string) => post('totp/stop', { password, code }, account.auth);
  expect((await stop('wrong', codeOf(account.secret))).status).toBe(401);
  expect((await stop(PASSWORD, '000000')).status).toBe(401);
  expect((await stop(PASSWORD, codeOf(account.secret))).status).toBe(204);
  expect((await signIn(account)).status).toBe(200);
  expect((await signIn(account, account.recoveryCodes[0])).status).toBe(200);
  expect(await system.sql`select from recovery_codes where user_id = ${account.signedIn.userId}`).toHaveLength(0);
});
