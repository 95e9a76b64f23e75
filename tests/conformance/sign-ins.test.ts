/** Going on, and going out: refreshing, signing out, other passwords (ACCT). */
import { CLOSE } from '@messagecore/protocol';
import type { SignInEntry } from '@messagecore/protocol/features';
import { must, type TestTenant } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type AccountSystem, newEmail, problem, startAccounts, tokenIn } from '../support/account-system.ts';
import { newAccount, PASSWORD } from '../support/accounts.ts';
import type { System } from '../support/system.ts';

const OTHER_PASSWORD = 'another password of the tests';

let accounts: AccountSystem;
let system: System;
let tenant: TestTenant;
const post: AccountSystem['post'] = (...request) => accounts.post(...request);
const signIn: AccountSystem['signIn'] = (...request) => accounts.signIn(...request);
const refresh: AccountSystem['refresh'] = (signedIn) => accounts.refresh(signedIn);
const me: AccountSystem['me'] = (signedIn) => accounts.me(signedIn);

beforeAll(async () => {
  accounts = await startAccounts();
  ({ system, tenant } = accounts);
});
afterAll(() => accounts.stop());

describe('refreshing', () => {
  test('[ACCT-2] each refresh token is followed by another one', async () => {
    const { signedIn } = await newAccount(system, tenant);
    const { body: second } = await refresh(signedIn);
    const { body: third } = await refresh(second);
    expect(new Set([signedIn, second, third].map(({ refreshToken }) => refreshToken)).size).toBe(3);
    expect((await me(third)).status).toBe(200);
  });

  test('[ACCT-2] of many at once all get the same one', async () => {
    const { signedIn } = await newAccount(system, tenant);
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(signedIn)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1);
    const [row] = await system.sql<{ rotation: string }[]>`
      select rotation from sign_ins where user_id = ${signedIn.userId}`;
    expect(Number(row?.rotation)).toBe(2);
  });

  test('[ACCT-2] one that was stolen ends the sign-in and its sessions at every gateway, no others', async () => {
    const { email, signedIn } = await newAccount(system, tenant);
    const { body: elsewhere } = await signIn({ email }, { clientId: 'elsewhere' });
    const { body: second } = await refresh(signedIn);
    const sessions = await accounts.sessionsOf(second);
    const others = await accounts.sessionsOf(elsewhere);
    await system.sql`
      update sign_ins set refreshed_at = now() - interval '11 seconds' where user_id = ${signedIn.userId}`;
    expect((await refresh(signedIn)).status).toBe(401);
    for (const session of sessions) {
      expect(await session.closed).toMatchObject({ code: CLOSE.unauthorized });
      expect(session.frames.at(-1)).toMatchObject({ t: 'bye', reason: 'revoked' });
    }
    expect([(await refresh(second)).status, (await me(second)).status]).toEqual([401, 401]);
    for (const session of others) await session.settle();
    expect((await refresh(elsewhere)).status).toBe(200);
    expect(await accounts.auditOf(signedIn.userId)).toContain('reuse_refresh_token');
  });

  test('[ACCT-2] one that was made up, or is of before, gets nothing', async () => {
    const { signedIn } = await newAccount(system, tenant);
    const { refreshToken } = signedIn;
    const forged = refreshToken.slice(0, -2) + (refreshToken.endsWith('AA') ? 'BB' : 'AA');
    for (const wrong of [forged, 'mcr_', `mcr_${'A'.repeat(72)}`, 'a.b.c']) {
      expect((await refresh({ refreshToken: wrong })).status).toBe(401);
    }
    expect((await refresh(signedIn)).status).toBe(200);
    await system.sql`update sign_ins set expires_at = now() where user_id = ${signedIn.userId}`;
    expect((await refresh(signedIn)).status).toBe(401);
  });

  test('signing in on the same device again replaces the sign-in', async () => {
    const { email, signedIn } = await newAccount(system, tenant);
    const { body: again } = await signIn({ email }, { clientId: signedIn.clientId });
    expect((await refresh(signedIn)).status).toBe(401);
    expect((await refresh(again)).status).toBe(200);
  });
});

describe('signing out', () => {
  test('[ACCT-3] ends the device at every gateway, and the others go on', async () => {
    const { email, signedIn } = await newAccount(system, tenant);
    const { body: elsewhere } = await signIn({ email }, { clientId: 'elsewhere' });
    const [here, there] = [await accounts.sessionsOf(signedIn), await accounts.sessionsOf(elsewhere)];
    for (let times = 0; times < 2; times += 1) {
      expect((await post('sign-out', { refreshToken: signedIn.refreshToken })).status).toBe(204);
    }
    for (const session of here) expect((await session.closed).code).toBe(CLOSE.unauthorized);
    expect([(await me(signedIn)).status, (await refresh(signedIn)).status]).toEqual([401, 401]);
    for (const session of there) await session.settle();
    expect((await me(elsewhere)).status).toBe(200);
  });

  test('[REVK-3] a repeat is answered when what was judged before has ended, as the first one is', async () => {
    const { signedIn } = await newAccount(system, tenant);
    const { userId, refreshToken } = signedIn;
    const order: unknown[] = [];
    const signOut = async () => order.push((await post('sign-out', { refreshToken })).status);
    const isOut = async () => (await system.sql`select from sign_ins where user_id = ${userId}`).length === 0;
    const answered: Promise<unknown>[] = [];
    await system.sql.begin(async (tx) => {
      // As whoever stores a message does.
      await tx`lock table conversations in row exclusive mode`;
      answered.push(signOut());
      await vi.waitUntil(isOut, 60_000);
      answered.push(signOut());
      for (let n = 0; n < 20; n += 1) expect((await me(signedIn)).status).toBe(401);
      order.push('stored');
    });
    await Promise.all(answered);
    expect(order).toEqual(['stored', 204, 204]);
  }, 60_000);

  test('[ACCT-3] everywhere, and of one device among those listed', async () => {
    const { email, signedIn, auth } = await newAccount(system, tenant);
    const { body: second } = await signIn({ email }, { clientId: 'second' });
    const { body: third } = await signIn({ email }, { clientId: 'third' });
    const list = async () => {
      const { items } = await must<{ items: SignInEntry[] }>('GET', `${system.api}/v1/auth/sign-ins`, {
        headers: auth,
      });
      return items.map(({ clientId, current }) => [clientId, current]).toSorted();
    };
    expect(await list()).toEqual([
      ['first', true],
      ['second', false],
      ['third', false],
    ]);
    await must('DELETE', `${system.api}/v1/devices/second`, { headers: auth });
    expect((await refresh(second)).status).toBe(401);
    expect(await list()).toEqual([
      ['first', true],
      ['third', false],
    ]);
    const sessions = [...(await accounts.sessionsOf(signedIn)), ...(await accounts.sessionsOf(third))];
    await must('DELETE', `${system.api}/v1/devices`, { headers: auth });
    for (const session of sessions) expect((await session.closed).code).toBe(CLOSE.unauthorized);
    const statuses = await Promise.all([signedIn, third].flatMap((each) => [refresh(each), me(each)]));
    expect(statuses.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  });
});

describe('another password', () => {
  test('[ACCT-4] changing it ends everything but what the answer gives, and a mail tells', async () => {
    const { email, signedIn, auth } = await newAccount(system, tenant);
    const { body: elsewhere } = await signIn({ email }, { clientId: 'elsewhere' });
    const sessions = [...(await accounts.sessionsOf(signedIn)), ...(await accounts.sessionsOf(elsewhere))];
    const change = (password: string, newPassword: string) => post('password', { password, newPassword }, auth);
    expect((await change('wrong', OTHER_PASSWORD)).status).toBe(401);
    expect((await change(PASSWORD, 'password1')).body.errors).toMatchObject([{ path: 'newPassword' }]);
    const { status, body: fresh } = await change(PASSWORD, OTHER_PASSWORD);
    expect([status, fresh.clientId]).toEqual([200, 'first']);
    for (const session of sessions) expect((await session.closed).code).toBe(CLOSE.unauthorized);
    expect((await refresh(signedIn)).status).toBe(401);
    expect((await refresh(elsewhere)).status).toBe(401);
    expect((await me(fresh)).status).toBe(200);
    expect((await signIn({ email })).status).toBe(401);
    expect((await signIn({ email }, { password: OTHER_PASSWORD })).status).toBe(200);
    expect((await accounts.mailServer.mailTo(email)).subject).toContain('was changed');
  });

  test('[ACCT-4] [ACCT-6] a mail sets a new one, once', async () => {
    const { email, signedIn } = await newAccount(system, tenant);
    const sessions = await accounts.sessionsOf(signedIn);
    await post('forgot-password', { tenant: tenant.tenantId, email });
    const token = tokenIn(await accounts.mailServer.mailTo(email));
    const reset = () => post('reset-password', { token, password: OTHER_PASSWORD });
    const statuses = (await Promise.all([reset(), reset()])).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([204, 401]);
    expect((await reset()).status).toBe(401);
    for (const session of sessions) expect((await session.closed).code).toBe(CLOSE.unauthorized);
    expect((await refresh(signedIn)).status).toBe(401);
    expect((await signIn({ email })).status).toBe(401);
    expect((await signIn({ email }, { password: OTHER_PASSWORD })).status).toBe(200);
    expect(await accounts.auditOf(signedIn.userId)).toContain('reset_password');
  });

  test('[ACCT-5] an address without an account gets the same answer, and a mail that says so', async () => {
    const { email } = await newAccount(system, tenant);
    const nobody = newEmail();
    const [known, unknown] = await Promise.all(
      [email, nobody].map((each) => post('forgot-password', { tenant: tenant.tenantId, email: each })),
    );
    expect(problem(known!)).toEqual(problem(unknown!));
    const mail = await accounts.mailServer.mailTo(nobody);
    expect([mail.text, tokenIn(mail)]).toEqual([expect.stringContaining('has no account'), undefined]);
  });

  test('a token is good for what its mail was about alone', async () => {
    const { email } = await newAccount(system, tenant);
    await post('forgot-password', { tenant: tenant.tenantId, email });
    const token = tokenIn(await accounts.mailServer.mailTo(email));
    expect((await post('confirm', { token, password: OTHER_PASSWORD })).status).toBe(401);
    expect((await post('reset-password', { token, password: OTHER_PASSWORD })).status).toBe(204);
  });
});
