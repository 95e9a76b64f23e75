/** Passkeys of accounts (PASSKEY). */
import { randomBytes, randomUUID } from 'node:crypto';
import { LIMITS, RATE_PROFILES } from '@messagecore/protocol';
import type {
  GivenCredential,
  NewCredential,
  Passkey,
  PasskeyCreation,
  RecoveryCodes,
  TotpSecret,
} from '@messagecore/protocol/features';
import { call, must, type TestTenant } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { z } from 'zod';
import { codeOf } from '../support/account-place.ts';
import { type AccountSystem, problem, startAccounts } from '../support/account-system.ts';
import { authOf, newAccount, openTenant, PASSWORD, type TestAccount } from '../support/accounts.ts';
import { Authenticator, type Lies } from '../support/authenticator.ts';
import { addPasskey, ORIGIN, startPasskey, startPasskeySignIn } from '../support/passkeys.ts';
import { startSystem } from '../support/system.ts';

let accounts: AccountSystem;
let tenant: TestTenant;
beforeAll(async () => {
  accounts = await startAccounts();
  tenant = accounts.tenant;
});
afterAll(() => accounts.stop());

const newAuthenticator = () => new Authenticator({ origin: ORIGIN });

async function newHolder() {
  const account = await newAccount(accounts.system, tenant);
  return { account, ...(await addPasskey(accounts.system, account)) };
}

const finish = (credential: GivenCredential, { at = tenant, clientId }: { at?: TestTenant; clientId?: string } = {}) =>
  accounts.post('passkeys/sign-in/finish', { tenant: at.tenantId, credential, clientId });

async function signIn(authenticator: Authenticator, lies?: Lies) {
  return finish(authenticator.get(await startPasskeySignIn(accounts.system, tenant), lies));
}

const listOf = async ({ auth }: Pick<TestAccount, 'auth'>) =>
  (await must<{ items: Passkey[] }>('GET', `${accounts.system.api}/v1/auth/passkeys`, { headers: auth })).items;
const confirm = ({ auth }: TestAccount, credential: NewCredential) =>
  accounts.post('passkeys', { name: 'Phone', credential }, auth);
const remove = ({ auth }: TestAccount, passkeyId: string, proof: object = { password: PASSWORD }) =>
  accounts.post(`passkeys/${passkeyId}/remove`, proof, auth);
const rename = ({ auth }: TestAccount, passkeyId: string, name: string) =>
  call('PATCH', `${accounts.system.api}/v1/auth/passkeys/${passkeyId}`, { headers: auth, body: { name } });

/** What a schedule does each hour. */
const clean = () =>
  accounts.system
    .sql`insert into jobs (tenant_id, kind, payload, ready) values (${randomUUID()}, 'accounts.clean', '{}', true)`;

const REFUSED = { status: 401, body: { code: 'unauthorized' } };

test('[PASSKEY-1] a passkey is added with the password, listed, renamed and removed with it', async () => {
  const account = await newAccount(accounts.system, tenant);
  expect(await accounts.post('passkeys/start', { password: 'wrong' }, account.auth)).toMatchObject(REFUSED);
  const { passkey, authenticator } = await addPasskey(accounts.system, account);
  expect(await listOf(account)).toEqual([passkey]);
  expect((await rename(account, passkey.passkeyId, 'Key of the desk')).status).toBe(204);
  expect((await signIn(authenticator)).status).toBe(200);
  expect(await listOf(account)).toEqual([{ ...passkey, name: 'Key of the desk', lastUsedAt: expect.any(Number) }]);
  expect(await remove(account, passkey.passkeyId, { password: 'wrong' })).toMatchObject(REFUSED);
  expect((await remove(account, passkey.passkeyId)).status).toBe(204);
  expect(await listOf(account)).toEqual([]);
  expect(await accounts.auditOf(account.signedIn.userId)).toEqual([
    ...['sign_up', 'sign_in', 'add_passkey', 'sign_in', 'remove_passkey'],
  ]);
});

test('[PASSKEY-1] a mail says that a passkey was added', async () => {
  const { account } = await newHolder();
  const mail = await accounts.mailServer.mailTo(account.email);
  expect(mail.subject).toContain('A passkey was added to your account');
});

/** An account whose second factor is on, by the code of the step before this one. */
async function guard({ auth }: TestAccount) {
  const { api } = accounts.system;
  const options = { headers: auth, body: { password: PASSWORD } };
  const { secret } = await must<z.infer<typeof TotpSecret>>('POST', `${api}/v1/auth/totp`, options);
  const body = { code: codeOf(secret, -1) };
  await must<z.infer<typeof RecoveryCodes>>('POST', `${api}/v1/auth/totp/confirm`, { headers: auth, body });
  return secret;
}

test('[PASSKEY-1] [PASSKEY-2] with a second factor a code is needed to add and to remove one, and none to sign in', async () => {
  const account = await newAccount(accounts.system, tenant);
  const secret = await guard(account);
  const start = (code?: string) => accounts.post('passkeys/start', { password: PASSWORD, code }, account.auth);
  expect(await start()).toMatchObject({ ...REFUSED, body: { errors: [{ path: 'code', message: 'is needed' }] } });
  expect(await start('000000')).toMatchObject({ ...REFUSED, body: { errors: [{ path: 'code' }] } });
  const { status, body } = await start(codeOf(secret));
  expect(status).toBe(200);
  const authenticator = newAuthenticator();
  const added = await confirm(account, authenticator.create(body as unknown as PasskeyCreation));
  expect(added.status).toBe(201);
  expect((await signIn(authenticator)).status).toBe(200);
  const { passkeyId } = added.body as unknown as Passkey;
  expect(await remove(account, passkeyId)).toMatchObject({ ...REFUSED, body: { errors: [{ path: 'code' }] } });
  expect((await remove(account, passkeyId, { password: PASSWORD, code: codeOf(secret, 1) })).status).toBe(204);
});

test('[PASSKEY-1] nobody sees, renames or removes another’s, or has one without an account', async () => {
  const { passkey } = await newHolder();
  const other = await newAccount(accounts.system, tenant);
  expect(await listOf(other)).toEqual([]);
  expect((await rename(other, passkey.passkeyId, 'Mine')).status).toBe(404);
  expect((await remove(other, passkey.passkeyId)).status).toBe(404);
  const user = await tenant.user('nora');
  expect((await accounts.post('passkeys/start', { password: PASSWORD }, user.auth)).status).toBe(404);
});

test('[PASSKEY-1] twenty are enough, also of two that are added at once', async () => {
  const account = await newAccount(accounts.system, tenant);
  const begun = await Promise.all([0, 1].map(() => startPasskey(accounts.system, account)));
  await accounts.system.sql`
    insert into passkeys (id, tenant_id, user_id, credential_id, public_key, counter, name)
    select gen_random_uuid(), ${tenant.tenantId}, ${account.signedIn.userId}, gen_random_uuid()::text, '', 0, 'Key'
    from generate_series(1, ${LIMITS.passkeysPerUser - 1})`;
  const statuses = await Promise.all(
    begun.map(async (options) => (await confirm(account, newAuthenticator().create(options))).status),
  );
  expect(statuses.toSorted()).toEqual([201, 413]);
  expect((await accounts.post('passkeys/start', { password: PASSWORD }, account.auth)).body.code).toBe('too_large');
});

test('[PASSKEY-1] the browser is told which there are, and the same one is not added twice', async () => {
  const { account, authenticator } = await newHolder();
  const again = await startPasskey(accounts.system, account);
  expect(again.excludeCredentials).toHaveLength(1);
  const [present] = again.excludeCredentials;
  const id = Buffer.from(present?.id ?? '', 'base64url');
  expect((await confirm(account, authenticator.create(again, { id }))).status).toBe(409);
  const other = await newAccount(accounts.system, tenant);
  const made = newAuthenticator().create(await startPasskey(accounts.system, other), { id });
  expect((await confirm(other, made)).status).toBe(409);
  expect([await listOf(account), await listOf(other)]).toMatchObject([[{}], []]);
});

test('[PASSKEY-2] a passkey gets the tokens that a password gets, on the device that asks', async () => {
  const { account, authenticator } = await newHolder();
  const options = await startPasskeySignIn(accounts.system, tenant);
  expect(options).toEqual({
    ...{ rpId: new URL(ORIGIN).hostname, userVerification: 'required', timeout: 300_000 },
    challenge: expect.stringMatching(/^[\w-]{72}$/),
  });
  const { status, body } = await finish(authenticator.get(options), { clientId: 'second' });
  expect([status, body.userId, body.clientId]).toEqual([200, account.signedIn.userId, 'second']);
  expect((await accounts.me(body)).status).toBe(200);
  expect((await accounts.refresh(body)).status).toBe(200);
  expect((await accounts.me(account.signedIn)).status).toBe(200);
});

test('[PASSKEY-2] [PASSKEY-4] what an authenticator makes is refused when anything about it is wrong', async () => {
  const account = await newAccount(accounts.system, tenant);
  const other = await newAccount(accounts.system, tenant);
  const lies: Lies[] = [
    { isVerified: false },
    { isPresent: false },
    { origin: 'https://chat.example.org' },
    { origin: `${ORIGIN}:8443` },
    { rpId: 'example.com' },
    { crossOrigin: true },
    { credentialId: randomBytes(32) },
    { credentialId: randomBytes(4_000) },
    { challenge: randomBytes(54).toString('base64url') },
    { challenge: (await startPasskey(accounts.system, other)).challenge },
    { challenge: (await startPasskeySignIn(accounts.system, tenant)).challenge },
  ];
  for (const lie of lies) {
    const made = newAuthenticator().create(await startPasskey(accounts.system, account), lie);
    expect(problem(await confirm(account, made)), JSON.stringify(lie)).toMatchObject({
      ...{ status: 400, body: { code: 'bad_request' } },
    });
  }
  expect(await listOf(account)).toEqual([]);
});

test('[PASSKEY-2] [PASSKEY-4] [PASSKEY-6] a sign-in is refused alike, whatever is wrong', async () => {
  const { account, authenticator, passkey } = await newHolder();
  const elsewhere = await openTenant(accounts.system);
  const another = await newHolder();
  const foreign = await startPasskeySignIn(accounts.system, elsewhere);
  const lies: Lies[] = [
    { isVerified: false },
    { isPresent: false },
    { origin: 'https://evil.example.com' },
    { origin: 'http://chat.example.com' },
    { rpId: 'evil.example.com' },
    { crossOrigin: true },
    { isForged: true },
    { userHandle: Buffer.from(another.account.signedIn.userId.replaceAll('-', ''), 'hex').toString('base64url') },
    { challenge: randomBytes(54).toString('base64url') },
    { challenge: foreign.challenge },
    { challenge: (await startPasskey(accounts.system, account)).challenge },
  ];
  const answers = [];
  for (const lie of lies) answers.push(await signIn(authenticator, lie));
  const unknown = newAuthenticator();
  unknown.create(await startPasskey(accounts.system, account));
  answers.push(await signIn(unknown));
  answers.push(await finish(authenticator.get(foreign), { at: elsewhere }));
  expect((await remove(account, passkey.passkeyId)).status).toBe(204);
  answers.push(await signIn(authenticator));
  for (const answer of answers) expect(answer).toMatchObject(REFUSED);
  expect(new Set(answers.map(({ body }) => JSON.stringify({ ...body, rid: '', instance: '' }))).size).toBe(1);
});

test('[PASSKEY-3] a challenge counts once, for sign-ins and for new passkeys', async () => {
  const { account, authenticator } = await newHolder();
  const options = await startPasskeySignIn(accounts.system, tenant);
  const given = [0, 1, 2].map(() => authenticator.get(options));
  const statuses = await Promise.all(given.map(async (each) => (await finish(each)).status));
  expect(statuses.toSorted()).toEqual([200, 401, 401]);
  for (const each of given) expect(await finish(each)).toMatchObject(REFUSED);
  const creation = await startPasskey(accounts.system, account);
  const made = newAuthenticator().create(creation);
  expect((await confirm(account, made)).status).toBe(201);
  expect((await confirm(account, made)).status).toBe(400);
  expect((await confirm(account, newAuthenticator().create(creation))).status).toBe(400);
});

test('[PASSKEY-3] what was used is forgotten when it is too old', async () => {
  const { sql } = accounts.system;
  const hash = randomUUID();
  const old = { tenant_id: tenant.tenantId, hash, expires_at: new Date(Date.now() - 1_000) };
  await sql`insert into used_challenges ${sql(old)}`;
  await clean();
  await expect
    .poll(async () => (await sql`select from used_challenges where hash = ${hash}`).count, { timeout: 60_000 })
    .toBe(0);
});

test('[PASSKEY-5] a counter that has not counted on is refused and audited, and 0 each time is not', async () => {
  const { account, authenticator } = await newHolder();
  expect((await signIn(authenticator, { counter: 7 })).status).toBe(200);
  for (const counter of [7, 6, 0]) expect(await signIn(authenticator, { counter })).toMatchObject(REFUSED);
  expect((await signIn(authenticator, { counter: 8 })).status).toBe(200);
  expect(await accounts.auditOf(account.signedIn.userId)).toEqual([
    ...['sign_up', 'sign_in', 'add_passkey', 'sign_in'],
    ...['refuse_passkey', 'refuse_passkey', 'refuse_passkey', 'sign_in'],
  ]);
  const other = await newAccount(accounts.system, tenant);
  const still = new Authenticator({ origin: ORIGIN, counts: false });
  await addPasskey(accounts.system, other, still);
  for (let n = 0; n < 2; n += 1) expect((await signIn(still)).status).toBe(200);
});

test('[PASSKEY-7] a deactivated user stays out, and comes in by it again when let in', async () => {
  const { account, authenticator } = await newHolder();
  const change = (deactivated: boolean) =>
    must('PATCH', `${accounts.system.api}/v1/users/${account.signedIn.userId}`, {
      headers: tenant.backEnd,
      body: { deactivated },
    });
  await change(true);
  expect(await signIn(authenticator)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  await change(false);
  expect((await signIn(authenticator)).status).toBe(200);
});

test('[PASSKEY-7] passkeys of who is erased or merged are gone', async () => {
  const { sql, api } = accounts.system;
  const kept = await newHolder();
  const [erased, merged] = [await newHolder(), await newHolder()];
  const of = ({ account }: typeof erased) => `${api}/v1/users/${account.signedIn.userId}`;
  await must('DELETE', of(erased), { headers: tenant.backEnd });
  await must('POST', `${of(merged)}/merge`, {
    headers: tenant.backEnd,
    body: { into: kept.account.signedIn.userId },
  });
  const isGone = async ({ account: { signedIn } }: typeof erased) =>
    (await sql`select from users where id = ${signedIn.userId} and status = 'deleted'`).count === 1;
  for (const each of [erased, merged]) {
    await vi.waitUntil(() => isGone(each), 60_000);
    expect(await signIn(each.authenticator)).toMatchObject(REFUSED);
  }
  const left = async ({ account: { signedIn } }: typeof erased) =>
    (await sql`select from passkeys where user_id = ${signedIn.userId}`).count;
  await vi.waitUntil(async () => (await left(erased)) === 0, 60_000);
  await clean();
  await vi.waitUntil(async () => (await left(merged)) === 0, 60_000);
  expect((await signIn(kept.authenticator)).status).toBe(200);
});

test('[PASSKEY-7] a suspended tenant lets nobody in', async () => {
  const own = await openTenant(accounts.system);
  const account = await newAccount(accounts.system, own);
  const { authenticator } = await addPasskey(accounts.system, account);
  const given = authenticator.get(await startPasskeySignIn(accounts.system, own));
  await own.administer('suspend');
  expect((await finish(given, { at: own })).body.code).toBe('tenant_suspended');
  const start = await accounts.post('passkeys/sign-in/start', { tenant: own.tenantId });
  expect(start.body.code).toBe('tenant_suspended');
});

test('[PASSKEY-7] a passkey outlives a change of the password, and a sign-in outlives its passkey', async () => {
  const { account, authenticator, passkey } = await newHolder();
  const change = { password: PASSWORD, newPassword: 'another password of the tests' };
  const { body: signedIn } = await accounts.post('password', change, account.auth);
  const { status, body } = await signIn(authenticator);
  expect(status).toBe(200);
  const again = { ...account, auth: authOf(signedIn) };
  expect((await remove(again, passkey.passkeyId, { password: change.newPassword })).status).toBe(204);
  expect((await accounts.refresh(body)).status).toBe(200);
});

test('[PASSKEY-6] sign-ins that are refused run out for one passkey, and not for its account', async () => {
  const strict = await startSystem({
    ...{ ownRedis: true, gateways: 0 },
    limits: { ...RATE_PROFILES.load, signInsPerAccount: { perSecond: 0.001, burst: 3 } },
  });
  try {
    const own = await openTenant(strict);
    const account = await newAccount(strict, own);
    const { authenticator } = await addPasskey(strict, account);
    const attempt = async (lies?: Lies) => {
      const credential = authenticator.get(await startPasskeySignIn(strict, own), lies);
      const body = { tenant: own.tenantId, credential };
      return (await call('POST', `${strict.api}/v1/auth/passkeys/sign-in/finish`, { body })).status;
    };
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push(await attempt({ isForged: true }));
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect(await attempt()).toBe(429);
    const body = { tenant: own.tenantId, email: account.email, password: PASSWORD };
    expect((await call('POST', `${strict.api}/v1/auth/sign-in`, { body })).status).toBe(200);
  } finally {
    await strict.stop();
  }
});

test('[PASSKEY-4] there are none without a page of the client that has a host name', async () => {
  const system = await startSystem({ gateways: 0, chatService: { appUrl: 'http://127.0.0.1:8080/' } });
  try {
    const own = await openTenant(system);
    const account = await newAccount(system, own);
    const start = await call('POST', `${system.api}/v1/auth/passkeys/start`, {
      ...{ headers: account.auth, body: { password: PASSWORD } },
    });
    expect(start).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const body = { tenant: own.tenantId };
    expect((await call('POST', `${system.api}/v1/auth/passkeys/sign-in/start`, { body })).status).toBe(403);
  } finally {
    await system.stop();
  }
});
