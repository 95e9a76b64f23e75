/** Accounts of the SDK: a sign-in of the real service, and a client with its tokens. */
import { Account, type AccountOptions, ChatError, createClient, type SignedIn } from '@messagecore/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf } from '../support/account-place.ts';
import { type AccountSystem, newEmail, startAccounts, tokenIn } from '../support/account-system.ts';
import { newAccount, PASSWORD } from '../support/accounts.ts';
import { waitUntil } from '@messagecore/dev-servers';

let accounts: AccountSystem;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
  await accounts.stop();
});

/** An application with an account, and what it has kept, the newest last. */
function application(options: Partial<AccountOptions> = {}) {
  const kept: (SignedIn | undefined)[] = [];
  const { system, tenant } = accounts;
  const keep = (signedIn: SignedIn | undefined) => void kept.push(signedIn);
  return { kept, account: new Account({ api: system.api, tenant: tenant.tenantId, keep, ...options }) };
}

/** On a device of an account that is there. */
async function signedIn() {
  const { email } = await newAccount(accounts.system, accounts.tenant);
  const made = application();
  const first = await made.account.signIn({ email, password: PASSWORD });
  return { ...made, email, first };
}

async function connected(account: Account) {
  const { system } = accounts;
  const { clientId = '' } = account.signedIn ?? {};
  const client = createClient({ url: system.ws(), api: system.api, token: account.token, clientId }).connect();
  cleanups.push(() => client.close());
  await waitUntil('online', () => client.state.phase === 'online');
  return client;
}

test('[ACCT-6] signing up, with what the mail said, signs in', async () => {
  const { account, kept } = application();
  const email = newEmail();
  await account.signUp({ email, displayName: 'Cy' });
  await expect(account.token()).rejects.toMatchObject({ code: 'unauthorized' });
  const token = tokenIn(await accounts.mailServer.mailTo(email)) ?? '';
  const made = await account.confirm({ token, password: PASSWORD, clientId: 'laptop' });
  expect([made.clientId, kept, account.signedIn]).toEqual(['laptop', [made], made]);
  const client = await connected(account);
  expect(client.userId).toBe(made.userId);
  await expect(account.confirm({ token, password: PASSWORD })).rejects.toBeInstanceOf(ChatError);
  expect(account.signedIn).toBe(made);
});

test('[ACCT-7] with a second factor a sign-in needs a code, and says so', async () => {
  const { account, email } = await signedIn();
  const { rest } = await connected(account);
  const totp = { body: { password: PASSWORD } };
  const { secret } = await rest.request<{ secret: string }>('POST', '/v1/auth/totp', totp);
  const code = { body: { code: codeOf(secret) } };
  const codes = await rest.request<{ recoveryCodes: string[] }>('POST', '/v1/auth/totp/confirm', code);
  const other = application();
  const given = { email, password: PASSWORD };
  const needed = { code: 'unauthorized', errors: [{ path: 'code' }] };
  await expect(other.account.signIn(given)).rejects.toMatchObject(needed);
  await expect(other.account.signIn({ ...given, code: '12345678' })).rejects.toMatchObject(needed);
  expect([other.account.signedIn, other.kept]).toEqual([undefined, []]);
  await other.account.signIn({ ...given, code: codeOf(secret, 1) });
  await other.account.signIn({ ...given, code: codes.recoveryCodes[0]! });
  expect(other.account.signedIn?.userId).toBe(account.signedIn?.userId);
});

test('[ACCT-2] the token in hand is given once, then the next; who asks meanwhile shares it', async () => {
  const { account, kept, first } = await signedIn();
  expect(await account.token()).toBe(first.token);
  const next = await Promise.all([account.token(), account.token(), account.token()]);
  const second = account.signedIn;
  expect([new Set(next), second?.refreshToken === first.refreshToken]).toEqual([new Set([second?.token]), false]);
  expect(await account.token()).not.toBe(second?.token);
  expect(kept).toHaveLength(3);
  expect(kept.at(-1)).toBe(account.signedIn);
  const restarted = application({ signedIn: kept.at(-1) }).account;
  expect(await restarted.token()).toBe(kept.at(-1)?.token);
  await connected(restarted);
});

test('[ACCT-2] a sign-in that has ended is given up; one whose server does not answer is not', async () => {
  const { account, kept, first } = await signedIn();
  const nowhere = application({ api: 'http://127.0.0.1:1', signedIn: { ...first, expiresAt: 0 } });
  await expect(nowhere.account.token()).rejects.toMatchObject({ code: 'unavailable' });
  expect([nowhere.account.signedIn?.token, nowhere.kept]).toEqual([first.token, []]);
  await account.token();
  await accounts.system.sql`delete from sign_ins where user_id = ${first.userId}`;
  await expect(account.token()).rejects.toMatchObject({ code: 'unauthorized' });
  expect([account.signedIn, kept.at(-1)]).toEqual([undefined, undefined]);
});

test('[ACCT-3] signing out ends the sessions and tokens of the device, also one that is just being got', async () => {
  const { account, kept, first } = await signedIn();
  const client = await connected(account);
  const asked = account.token();
  await account.signOut();
  const last = { refreshToken: kept.at(-2)?.refreshToken ?? '' };
  expect([account.signedIn, kept.at(-1), await asked]).toEqual([undefined, undefined, kept.at(-2)?.token]);
  await waitUntil('the end of the session', () => client.state.phase !== 'online');
  expect([(await accounts.refresh(last)).status, (await accounts.me(first)).status]).toEqual([401, 401]);
  await account.signOut();
});
