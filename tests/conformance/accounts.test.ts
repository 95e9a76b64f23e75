/** Coming in with a password: signing up and signing in (ACCT). */
import { argon2Sync, randomBytes, randomUUID } from 'node:crypto';
import type { ChatServiceConfig } from '@messagecore/chat-service';
import { RATE_PROFILES } from '@messagecore/protocol';
import type { SignedIn } from '@messagecore/protocol/features';
import { call, must, type TestTenant } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type AccountSystem, newEmail, problem, startAccounts, tokenIn } from '../support/account-system.ts';
import { authOf, newAccount, openTenant, PASSWORD, setAccounts } from '../support/accounts.ts';
import { lockWaits } from '../../services/chat-service/test/locks.ts';
import { APP_URL, startSystem, type System } from '../support/system.ts';

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

/** A system that lets an account be tried three times from an address. */
function startStrict(chatService: Partial<ChatServiceConfig>): Promise<System> {
  const signInsPerAccount = { perSecond: 0.001, burst: 3 };
  return startSystem({
    ownRedis: true,
    gateways: 0,
    limits: { ...RATE_PROFILES.load, signInsPerAccount },
    chatService,
  });
}

describe('signing up', () => {
  test('[ACCT-6] a mail comes, its token makes the account once and signs in', async () => {
    const email = newEmail();
    const asked = { tenant: tenant.tenantId, email: email.toUpperCase(), displayName: 'Zoë <b>', locale: 'en' };
    expect((await post('sign-up', asked)).status).toBe(204);
    const mail = await accounts.mailServer.mailTo(email);
    expect(mail).toMatchObject({ from: { address: 'chat@example.com' }, subject: expect.stringContaining('Confirm') });
    expect(mail.html).toContain(`<a href="${APP_URL}#confirm=`);
    const token = tokenIn(mail);
    const [one, other] = await Promise.all(
      [0, 1].map(() => post('confirm', { token, password: PASSWORD, clientId: 'phone' })),
    );
    expect([one!.status, other!.status].toSorted()).toEqual([201, 401]);
    const { body } = one!.status === 201 ? one! : other!;
    expect(body).toMatchObject({ clientId: 'phone', expiresAt: expect.any(Number) });
    expect(await me(body)).toMatchObject({ status: 200, body: { displayName: 'Zoë <b>', role: 'member' } });
    expect(await accounts.auditOf(body.userId)).toEqual(['sign_up', 'sign_in']);
    const { count } = await system.sql`select from users where tenant_id = ${tenant.tenantId} and id = ${body.userId}`;
    expect(count).toBe(1);
  });

  test('[ACCT-6] the latest mail counts, in the language asked for', async () => {
    const email = newEmail();
    const asked = { tenant: tenant.tenantId, email, displayName: '张伟', locale: 'zh' };
    await post('sign-up', asked);
    const first = await accounts.mailServer.mailTo(email);
    expect(first.subject).toContain('请确认');
    await post('sign-up', asked);
    const second = await accounts.mailServer.mailTo(email, 2);
    expect((await post('confirm', { token: tokenIn(first), password: PASSWORD })).status).toBe(401);
    expect((await post('confirm', { token: tokenIn(second), password: PASSWORD })).status).toBe(201);
  });

  test('[ACCT-6] a token that is too old makes nothing', async () => {
    const email = newEmail();
    await post('sign-up', { tenant: tenant.tenantId, email, displayName: 'Late' });
    const token = tokenIn(await accounts.mailServer.mailTo(email));
    await system.sql`update account_tokens set expires_at = now() where email = ${email}`;
    expect((await post('confirm', { token, password: PASSWORD })).status).toBe(401);
  });

  test('[ACCT-1] a tenant is closed, open to some domains, or to who was invited', async () => {
    const other = await system.tenant();
    const signUp = (email: string) =>
      post('sign-up', { tenant: other.tenantId, email, displayName: 'Somebody' }).then(({ status }) => status);
    expect(await signUp('a@example.com')).toBe(403);
    const invited = { headers: other.backEnd, body: { email: newEmail() } };
    expect((await call('POST', `${system.api}/v1/auth/invitations`, invited)).body).toMatchObject({
      code: 'forbidden',
    });
    await setAccounts(system, other, { signUp: { mode: 'domain', domains: ['Example.org'] } });
    expect(await Promise.all([signUp('a@example.com'), signUp('a@example.org')])).toEqual([403, 204]);
    await setAccounts(system, other, { signUp: { mode: 'invitation' } });
    expect(await signUp('b@example.org')).toBe(403);
    const email = newEmail();
    await must('POST', `${system.api}/v1/auth/invitations`, {
      headers: other.backEnd,
      body: { email, role: 'admin', displayName: 'Ada' },
    });
    const token = tokenIn(await accounts.mailServer.mailTo(email));
    await setAccounts(system, other, { signUp: { mode: 'closed' } });
    expect((await post('confirm', { token, password: PASSWORD })).status).toBe(403);
    await setAccounts(system, other, { signUp: { mode: 'invitation' } });
    const { body: admin } = await post('confirm', { token, password: PASSWORD });
    expect(await me(admin)).toMatchObject({ body: { role: 'admin', displayName: 'Ada' } });
    const invite = (role: string, by: SignedIn) => post('invitations', { email: newEmail(), role }, authOf(by));
    expect((await invite('moderator', admin)).status).toBe(204);
    expect((await invite('owner', admin)).status).toBe(403);
    const { signedIn: member } = await newAccount(system, other);
    expect((await invite('guest', member)).status).toBe(403);
  });

  test('[ACCT-5] an address that has an account gets another mail and the same answer', async () => {
    const { email } = await newAccount(system, tenant);
    const [known, unknown] = await Promise.all(
      [email, newEmail()].map((each) =>
        post('sign-up', { tenant: tenant.tenantId, email: each, displayName: 'Somebody' }),
      ),
    );
    expect(problem(known!)).toEqual(problem(unknown!));
    const mail = await accounts.mailServer.mailTo(email);
    expect([mail.subject, tokenIn(mail)]).toEqual([expect.stringContaining('Your account'), undefined]);
  });

  test('a mail server that is busy is asked again', async () => {
    const email = newEmail();
    accounts.mailServer.refuse(email);
    expect((await post('sign-up', { tenant: tenant.tenantId, email, displayName: 'Late' })).status).toBe(204);
    const attempts = () =>
      system.sql`select last_error from jobs where payload ->> 'email' = ${email} and last_error is not null`;
    await vi.waitUntil(async () => (await attempts()).length === 1, 60_000);
    // Not what it said, which names the address.
    expect(await attempts()).toEqual([{ last_error: 'the mail server answered 450 to RCPT TO' }]);
    accounts.mailServer.refuse();
    const token = tokenIn(await accounts.mailServer.mailTo(email));
    expect((await post('confirm', { token, password: PASSWORD })).status).toBe(201);
  });

  test('[ACCT-6] a mail that the mail server refuses for good is not tried again', async () => {
    const email = newEmail();
    accounts.mailServer.refuse(email, 550);
    await post('sign-up', { tenant: tenant.tenantId, email, displayName: 'Nowhere' });
    const stored = () => system.sql`select from account_tokens where email = ${email}`;
    await vi.waitUntil(async () => (await stored()).length === 1, 60_000);
    const left = () => system.sql`select from jobs where payload ->> 'email' = ${email}`;
    await vi.waitUntil(async () => (await left()).length === 0, 60_000);
    accounts.mailServer.refuse();
    expect(accounts.mailServer.mails.filter(({ to }) => to?.[0]?.address === email)).toEqual([]);
  });

  test('[ACCT-6] a mail that comes twice is the same one by its Message-ID, and no other is', async () => {
    const email = newEmail();
    const asked = { tenant: tenant.tenantId, email, displayName: 'Twice' };
    accounts.mailServer.loseAnswers(email);
    await post('sign-up', asked);
    const first = await accounts.mailServer.mailTo(email);
    accounts.mailServer.loseAnswers();
    const again = await accounts.mailServer.mailTo(email, 2);
    await post('sign-up', asked);
    const other = await accounts.mailServer.mailTo(email, 3);
    expect(first.messageId).toMatch(/^<[\da-f]{32}@example\.com>$/);
    expect(again.messageId).toBe(first.messageId);
    expect(other.messageId).not.toBe(first.messageId);
    expect(tokenIn(again)).toBe(tokenIn(first));
  }, 60_000);

  test('[ACCT-6] a mail server that takes its time gets one mail, whose token counts', async () => {
    const email = newEmail();
    // For longer than a transaction may be idle.
    accounts.mailServer.delay(6_000);
    await post('sign-up', { tenant: tenant.tenantId, email, displayName: 'Patient' });
    const mail = await accounts.mailServer.mailTo(email);
    const waiting = () => system.sql`select from jobs where payload ->> 'email' = ${email}`;
    await vi.waitUntil(async () => (await waiting()).length === 0, 60_000);
    accounts.mailServer.delay(0);
    expect(accounts.mailServer.mails.filter(({ to }) => to?.[0]?.address === email)).toHaveLength(1);
    expect((await post('confirm', { token: tokenIn(mail), password: PASSWORD })).status).toBe(201);
  }, 60_000);

  test('[ACCT-6] each attempt at a mail has the same token, and one whose token does not count is not sent', async () => {
    const email = newEmail();
    const asked = { tenant: tenant.tenantId, email, displayName: 'Late' };
    const failed = () => system.sql`select from jobs where payload ->> 'email' = ${email} and last_error is not null`;
    accounts.mailServer.refuse(email);
    await post('sign-up', asked);
    await vi.waitUntil(async () => (await failed()).length === 1, 60_000);
    const [stored] = await system.sql`select hash from account_tokens where email = ${email}`;
    await post('sign-up', asked);
    const replaced = () =>
      system.sql`select from account_tokens where email = ${email} and hash <> ${stored?.['hash']}`;
    await vi.waitUntil(async () => (await replaced()).length === 1, 60_000);
    accounts.mailServer.refuse();
    const mail = await accounts.mailServer.mailTo(email);
    const left = () => system.sql`select from jobs where payload ->> 'email' = ${email}`;
    await vi.waitUntil(async () => (await left()).length === 0, 60_000);
    expect(accounts.mailServer.mails.filter(({ to }) => to?.[0]?.address === email)).toHaveLength(1);
    expect((await post('confirm', { token: tokenIn(mail), password: PASSWORD })).status).toBe(201);
  }, 120_000);

  test('[ACCT-6] a sign-up replaces no invitation to the same address', async () => {
    const email = newEmail();
    const invitation = { email, role: 'moderator' };
    await must('POST', `${system.api}/v1/auth/invitations`, { headers: tenant.backEnd, body: invitation });
    const invited = await accounts.mailServer.mailTo(email);
    await post('sign-up', { tenant: tenant.tenantId, email, displayName: 'Somebody' });
    const signedUp = await accounts.mailServer.mailTo(email, 2);
    const { status, body } = await post('confirm', { token: tokenIn(invited), password: PASSWORD });
    expect(status).toBe(201);
    expect(await me(body)).toMatchObject({ body: { role: 'moderator' } });
    expect((await post('confirm', { token: tokenIn(signedUp), password: PASSWORD })).status).toBe(409);
  });

  test.each(['12345678', 'password1', 'Qwertyuiop', 'aaaaaaaaaaaa'])('[ACCT-8] %s is no password', async (password) => {
    const email = newEmail();
    await post('sign-up', { tenant: tenant.tenantId, email, displayName: 'Weak' });
    const token = tokenIn(await accounts.mailServer.mailTo(email));
    const answer = await post('confirm', { token, password });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'password' }] } });
    expect((await post('confirm', { token, password: PASSWORD })).status).toBe(201);
  });
});

describe('signing in', () => {
  test('[ACCT-1] with the tenant by id or subdomain; the times are the tenant’s', async () => {
    const own = await openTenant(system);
    const { email } = await newAccount(system, own);
    const [row] = await system.sql<{ subdomain: string }[]>`
      select subdomain from tenants where id = ${own.tenantId}`;
    const lives = ({ expiresAt, refreshExpiresAt }: SignedIn) =>
      [expiresAt, refreshExpiresAt].map((at) => Math.round((at - Date.now()) / 60_000));
    const byId = await signIn({ email }, { tenant: own.tenantId });
    expect(lives(byId.body)).toEqual([15, 7 * 24 * 60]);
    await setAccounts(system, own, { accessTokenSeconds: 3_600, refreshTokenSeconds: 86_400 });
    const byName = await signIn({ email: ` ${email.toUpperCase()} ` }, { tenant: row?.subdomain });
    expect(lives(byName.body)).toEqual([60, 24 * 60]);
    expect((await me(byName.body)).status).toBe(200);
  });

  test('[ACCT-5] who is unknown is refused as who gives a wrong password is', async () => {
    const { email } = await newAccount(system, tenant);
    const [wrong, unknown] = await Promise.all([
      signIn({ email }, { password: 'wrong' }),
      signIn({ email: newEmail() }, { password: 'wrong' }),
    ]);
    expect(wrong.status).toBe(401);
    expect(problem(wrong)).toEqual(problem(unknown));
  });

  test.each([
    ['with Redis', {}],
    ['without', { redisUrl: 'redis://127.0.0.1:1' }],
  ])('[ACCT-9] wrong passwords run out, %s, whether there is such an account or not', async (_, chatService) => {
    const strict = await startStrict(chatService);
    try {
      const own = await openTenant(strict);
      const { email } = await newAccount(strict, own);
      const guess = (of: string) =>
        call('POST', `${strict.api}/v1/auth/sign-in`, { body: { tenant: own.tenantId, email: of, password: 'no' } });
      for (const each of [email, newEmail()]) {
        const statuses = [];
        for (let n = 0; n < 4; n += 1) statuses.push((await guess(each)).status);
        expect(statuses).toEqual([401, 401, 401, 429]);
      }
      const right = { tenant: own.tenantId, email, password: PASSWORD };
      const answer = await call('POST', `${strict.api}/v1/auth/sign-in`, { body: right });
      expect(answer).toMatchObject({ status: 429, body: { retryAfterMs: expect.any(Number) } });
    } finally {
      await strict.stop();
    }
  });

  test('[REVK-2] deactivated users and users of suspended tenants stay out', async () => {
    const own = await openTenant(system);
    const { email, signedIn } = await newAccount(system, own);
    const change = (deactivated: boolean) =>
      must('PATCH', `${system.api}/v1/users/${signedIn.userId}`, { headers: own.backEnd, body: { deactivated } });
    await change(true);
    for (const clientId of [signedIn.clientId, 'new']) {
      expect((await signIn({ email }, { tenant: own.tenantId, clientId })).body.code).toBe('forbidden');
      const minted = { headers: own.backEnd, body: { user: signedIn.userId, clientId } };
      expect((await call('POST', `${system.api}/v1/tokens`, minted)).body).toMatchObject({ code: 'forbidden' });
    }
    expect((await refresh(signedIn)).status).not.toBe(200);
    await change(false);
    expect((await refresh(signedIn)).status).toBe(401);
    expect((await signIn({ email }, { tenant: own.tenantId })).status).toBe(200);
    await own.administer('suspend');
    expect((await signIn({ email }, { tenant: own.tenantId })).body.code).toBe('tenant_suspended');
  });

  test('[ACCT-4] a password that is reset while a sign-in with it is under way lets nobody in', async () => {
    const { email, signedIn } = await newAccount(system, tenant);
    let answer: ReturnType<typeof signIn> | undefined;
    await system.sql.begin(async (tx) => {
      await tx`select from users where id = ${signedIn.userId} for update`;
      // With the device of before, which was known already.
      answer = signIn({ email }, { clientId: signedIn.clientId });
      await vi.waitUntil(async () => (await lockWaits(system.sql)) > 0, 60_000);
      await tx`update accounts set password_hash = ${'$argon2id$v=19$m=64,t=1,p=1$c2FsdA$aGFzaA'} where email = ${email}`;
    });
    expect((await answer)?.status).toBe(401);
  });

  test.each([
    ['a known device', 'first'],
    ['a new device', 'second'],
  ])('[REVK-2] who is deactivated while a sign-in is under way stays out, with %s', async (_, clientId) => {
    const { email, signedIn } = await newAccount(system, tenant);
    let answers: Promise<{ readonly status: number }[]> | undefined;
    await system.sql.begin(async (tx) => {
      await tx`update users set status = 'deactivated' where id = ${signedIn.userId}`;
      const minted = { headers: tenant.backEnd, body: { user: signedIn.userId, clientId } };
      answers = Promise.all([signIn({ email }, { clientId }), call('POST', `${system.api}/v1/tokens`, minted)]);
      await vi.waitUntil(async () => (await lockWaits(system.sql)) === 2, 60_000);
    });
    expect((await answers)?.map(({ status }) => status)).toEqual([403, 403]);
  });

  test('[ISO-3] an account is one of its tenant alone', async () => {
    const { email } = await newAccount(system, tenant);
    const other = await system.tenant();
    expect((await signIn({ email }, { tenant: other.tenantId })).status).toBe(401);
    expect((await signIn({ email }, { tenant: randomUUID() })).status).toBe(404);
    expect((await signIn({ email }, { tenant: 'no-such-tenant' })).status).toBe(404);
  });

  describe('[ACCT-4] a hash that was made at another cost', () => {
    /** Returns the hash at another cost, and the one that it becomes by a sign-in. */
    async function hashesOf({ email }: { readonly email: string }) {
      const nonce = randomBytes(16);
      const hash = argon2Sync('argon2id', {
        ...{ message: PASSWORD, nonce, memory: 64, passes: 1, parallelism: 1, tagLength: 32 },
      });
      const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
      const cheap = `$argon2id$v=19$m=64,t=1,p=1$${text(nonce)}$${text(hash)}`;
      const set = (to: string, sql: Pick<System['sql'], 'unsafe'> = system.sql) =>
        sql.unsafe('update accounts set password_hash = $1 where email = $2', [to, email]);
      await set(cheap);
      expect((await signIn({ email })).status).toBe(200);
      const [row] = await system.sql`select password_hash as hash from accounts where email = ${email}`;
      return { cheap, anew: row?.['hash'] as string, set };
    }

    test('is made anew', async () => {
      const { email } = await newAccount(system, tenant);
      const { anew } = await hashesOf({ email });
      expect(anew).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect((await signIn({ email })).status).toBe(200);
    });

    test('is so while others sign in by the same password, who come in', async () => {
      const { email, signedIn } = await newAccount(system, tenant);
      const { cheap, anew, set } = await hashesOf({ email });
      await set(cheap);
      let answer: ReturnType<typeof signIn> | undefined;
      await system.sql.begin(async (tx) => {
        await tx`select from users where id = ${signedIn.userId} for update`;
        answer = signIn({ email });
        await vi.waitUntil(async () => (await lockWaits(system.sql)) > 0, 60_000);
        await set(anew, tx);
      });
      expect((await answer)?.status).toBe(200);
    });

    test('is so while the password is changed, which is', async () => {
      const { email, signedIn } = await newAccount(system, tenant);
      const { cheap, anew, set } = await hashesOf({ email });
      await set(cheap);
      const newPassword = 'another horse, another battery';
      let answer: ReturnType<typeof post> | undefined;
      await system.sql.begin(async (tx) => {
        await set(anew, tx);
        answer = post('password', { password: PASSWORD, newPassword }, authOf(signedIn));
        await vi.waitUntil(async () => (await lockWaits(system.sql)) > 0, 60_000);
      });
      expect((await answer)?.status).toBe(200);
      expect((await signIn({ email })).status).toBe(401);
      expect((await signIn({ email }, { password: newPassword })).status).toBe(200);
    });
  });
});

test('without a mail server, what needs mails says so', async () => {
  const silent = await startSystem();
  try {
    const own = await openTenant(silent);
    const body = { tenant: own.tenantId, email: newEmail(), displayName: 'Somebody' };
    const answer = await call('POST', `${silent.api}/v1/auth/sign-up`, { body });
    expect(answer).toMatchObject({ status: 403, body: { detail: expect.stringContaining('SMTP_URL') } });
  } finally {
    await silent.stop();
  }
});

test('what an erased user had goes with the user, and the address is free', async () => {
  const { email, signedIn } = await newAccount(system, tenant);
  await must('DELETE', `${system.api}/v1/users/${signedIn.userId}`, { headers: tenant.backEnd });
  expect((await signIn({ email })).status).toBe(401);
  await expect.poll(() => system.sql`select from accounts where user_id = ${signedIn.userId}`).toHaveLength(0);
  const { signedIn: again } = await newAccount(system, tenant, { email });
  expect(again.userId).not.toBe(signedIn.userId);
});
