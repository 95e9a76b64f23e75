/** Signing in with the SDK, and staying signed in, against the real service. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Accounts, type AccountsOptions, createClient, type SignInStorage } from '@messagecore/sdk';
import { waitUntil } from '@messagecore/dev-servers';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type AccountSystem, newEmail, startAccounts, tokenIn } from '../support/account-system.ts';
import { authOf, PASSWORD, setAccounts } from '../support/accounts.ts';
import { addPasskey } from '../support/passkeys.ts';

let accounts: AccountSystem;
beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(() => accounts.stop());

function newAccounts(options: Partial<AccountsOptions> = {}): Accounts {
  const { system, tenant } = accounts;
  return new Accounts({ api: system.api, tenant: tenant.tenantId, ...options });
}

function newStorage(): SignInStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  };
}

/** The SDK gives addresses as texts. */
const isRefresh = (address: string | URL | Request) => typeof address === 'string' && address.endsWith('/refresh');

async function signUp(options: Partial<AccountsOptions> = {}) {
  const email = newEmail();
  const own = newAccounts(options);
  await own.signUp({ email, displayName: 'Zoë' });
  const token = tokenIn(await accounts.mailServer.mailTo(email)) ?? '';
  return { own, email, signedIn: await own.confirm({ token, password: PASSWORD }) };
}

function connect(own: Accounts) {
  const client = createClient({
    url: accounts.system.ws(),
    api: accounts.system.api,
    token: own.token,
    clientId: own.current?.clientId ?? '',
  });
  onTestFinished(() => client.close());
  return client.connect();
}

test('who signs up, signs in and out', async () => {
  const { own, email, signedIn } = await signUp({ clientId: 'phone' });
  expect(own.current).toMatchObject({ userId: signedIn.userId, clientId: 'phone' });
  const client = connect(own);
  await waitUntil('a connection', () => client.state.phase === 'online');
  expect(client.userId).toBe(signedIn.userId);
  const changes: unknown[] = [];
  own.on('change', (now) => changes.push(now?.userId));
  await own.signOut();
  await waitUntil('the end of the session', () => client.state.phase === 'stopped');
  expect([own.current, changes]).toEqual([undefined, [undefined]]);
  await expect(own.token()).rejects.toMatchObject({ code: 'unauthorized' });
  await expect(own.signIn({ email, password: 'another one' })).rejects.toMatchObject({ code: 'unauthorized' });
  expect(await own.signIn({ email, password: PASSWORD })).toMatchObject({ userId: signedIn.userId });
});

test('with a passkey, of which the browser says whose it is', async () => {
  const { own, signedIn } = await signUp();
  const account = { email: '', signedIn, auth: authOf(signedIn) };
  const { authenticator } = await addPasskey(accounts.system, account);
  const elsewhere = newAccounts({ clientId: 'elsewhere' });
  const options = await elsewhere.startPasskey();
  expect(await elsewhere.finishPasskey(authenticator.get(options))).toMatchObject({
    ...{ userId: signedIn.userId, clientId: 'elsewhere' },
  });
  expect(elsewhere.current?.userId).toBe(own.current?.userId);
  expect(await accounts.me({ token: await elsewhere.token() })).toMatchObject({ status: 200 });
  await expect(elsewhere.finishPasskey(authenticator.get(options))).rejects.toMatchObject({ code: 'unauthorized' });
});

test('a sign-in is kept over restarts, and each token asked for is a new one', async () => {
  const storage = newStorage();
  const { own, signedIn } = await signUp({ storage });
  expect(await own.token()).toBe(signedIn.token);
  const kept = [...storage.items.values()].join();
  expect([kept.includes(signedIn.token), kept.includes(signedIn.refreshToken)]).toEqual([false, true]);
  const later = newAccounts({ storage });
  const token = await later.token();
  expect(await accounts.me({ token })).toMatchObject({ status: 200, body: { userId: signedIn.userId } });
  expect([...storage.items.values()].join()).not.toContain(signedIn.refreshToken);
});

test('tabs that share a sign-in do not end it, whoever refreshes first', async () => {
  const storage = newStorage();
  const { signedIn } = await signUp({ storage });
  const tabs = [0, 1, 2, 3].map(() => newAccounts({ storage }));
  for (let round = 0; round < 3; round += 1) {
    const tokens = await Promise.all(tabs.map((tab) => tab.token()));
    expect(tokens.length).toBe(tabs.length);
  }
  const [tab] = tabs;
  expect(tab?.current?.userId).toBe(signedIn.userId);
  expect(await accounts.me({ token: (await tab?.token()) ?? '' })).toMatchObject({ status: 200 });
});

test('without a storage that is shared, a stolen refresh token ends the sign-in of both', async () => {
  const storage = newStorage();
  const { own } = await signUp({ storage });
  const stolen = newStorage();
  for (const [key, value] of storage.items) stolen.setItem(key, value);
  const thief = newAccounts({ storage: stolen });
  await own.token();
  await own.token();
  // Once more, so that the token that the thief has is two rotations old: no grace is left for it.
  await own.token();
  let changes = 0;
  thief.on('change', () => (changes += 1));
  await expect(thief.token()).rejects.toMatchObject({ code: 'unauthorized' });
  expect([thief.current, changes]).toEqual([undefined, 1]);
  await expect(own.token()).rejects.toMatchObject({ code: 'unauthorized' });
  expect(own.current).toBeUndefined();
});

test('who signs out while a token is on its way is signed out', async () => {
  const { own } = await signUp();
  await own.token();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const storage = newStorage();
  const slow = newAccounts({
    storage,
    fetch: async (...request) => {
      const answer = await fetch(...request);
      if (isRefresh(request[0])) await held;
      return answer;
    },
  });
  await slow.signIn({ email: (await signUp()).email, password: PASSWORD });
  await slow.token();
  const token = slow.token();
  await sleep(1);
  await slow.signOut();
  release();
  await expect(token).rejects.toMatchObject({ code: 'unauthorized' });
  expect([slow.current, storage.items.size]).toEqual([undefined, 0]);
});

test('a server that does not answer ends no sign-in', async () => {
  const { own, signedIn } = await signUp({
    fetch: (url, init) => (isRefresh(url) ? Promise.reject(new Error('offline')) : fetch(url, init)),
  });
  await own.token();
  await expect(own.token()).rejects.toMatchObject({ code: 'unavailable' });
  expect(own.current?.userId).toBe(signedIn.userId);
});

test('a forgotten password is set anew, and changed: the other device is signed out, this one goes on', async () => {
  const { own, email, signedIn } = await signUp();
  await own.forgotPassword(email);
  const token = tokenIn(await accounts.mailServer.mailTo(email, 2)) ?? '';
  await own.resetPassword({ token, password: 'a second password' });
  await expect(own.token().then(() => own.token())).rejects.toMatchObject({ code: 'unauthorized' });
  const [here, there] = [newAccounts({ clientId: 'here' }), newAccounts({ clientId: 'there' })];
  for (const each of [here, there]) await each.signIn({ email, password: 'a second password' });
  await there.token();
  await here.changePassword({ password: 'a second password', newPassword: 'a third password' });
  expect(await accounts.me({ token: await here.token() })).toMatchObject({ body: { userId: signedIn.userId } });
  await expect(there.token()).rejects.toMatchObject({ code: 'unauthorized' });
});

test('tabs that ask for tokens while one of them changes the password stay signed in', async () => {
  const storage = newStorage();
  const { own, signedIn } = await signUp({ storage });
  await own.token();
  const tabs = [0, 1, 2].map(() => newAccounts({ storage }));
  const [, ...tokens] = await Promise.all([
    own.changePassword({ password: PASSWORD, newPassword: 'a second password' }),
    ...tabs.map((tab) => tab.token()),
  ]);
  expect(own.current?.userId).toBe(signedIn.userId);
  for (const token of tokens) expect(await accounts.me({ token })).toMatchObject({ status: 200 });
});

test('a refusal names what is missing: the second factor, and a tenant that is closed', async () => {
  const { own, email } = await signUp();
  const headers = { authorization: `Bearer ${await own.token()}` };
  const { api } = accounts.system;
  const start = await fetch(`${api}/v1/auth/totp`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ password: PASSWORD }),
  });
  const { secret } = (await start.json()) as { secret: string };
  expect(secret).toMatch(/^[A-Z2-7]{16,}$/);
  // The factor counts from its first code on; made so here, since the code is of the authenticator app.
  await accounts.system.sql`update accounts set totp_confirmed = true where email = ${email}`;
  await expect(own.signIn({ email, password: PASSWORD })).rejects.toMatchObject({
    code: 'unauthorized',
    errors: [expect.objectContaining({ path: 'code' })],
  });
  const closed = await accounts.system.tenant();
  await setAccounts(accounts.system, closed, { signUp: { mode: 'closed' } });
  const elsewhere = newAccounts({ tenant: closed.tenantId });
  await expect(elsewhere.signUp({ email, displayName: 'Zoë' })).rejects.toMatchObject({ code: 'forbidden' });
  expect(await elsewhere.providers()).toEqual([]);
});
