/** A system with a mail server, a tenant that is open to all, and what its clients do. */
import { randomUUID } from 'node:crypto';
import type { SignedIn } from '@messagecore/protocol/features';
import { call, type TestTenant } from '@messagecore/testkit';
import type { Email } from 'postal-mime';
import { authOf, openTenant, PASSWORD, type TestAccount } from './accounts.ts';
import { type MailServer, startMailServer } from './mail-server.ts';
import { APP_URL, startSystem, type System } from './system.ts';

const FROM = 'MessageCore <chat@example.com>';

export const newEmail = () => `${randomUUID()}@example.com`;

/** The token of the link in a mail. */
export const tokenIn = ({ text = '' }: Email) => /#(?:confirm|reset)=([\w-]{43})/.exec(text)?.[1];

/** What a refusal says. */
export const problem = ({ status, body }: { readonly status: number; readonly body: unknown }) => ({ status, body });

export interface AccountSystem {
  readonly system: System;
  readonly mailServer: MailServer;
  readonly tenant: TestTenant;
  /** Asks for something below `/v1/auth`. */
  post(path: string, body: object, headers?: Readonly<Record<string, string>>): ReturnType<typeof call<SignedIn>>;
  /** With the password of the tests, on a new device, unless told otherwise. */
  signIn(account: Pick<TestAccount, 'email'>, more?: object): ReturnType<typeof call<SignedIn>>;
  refresh(signedIn: Pick<SignedIn, 'refreshToken'>): ReturnType<typeof call<SignedIn>>;
  me(signedIn: Pick<SignedIn, 'token'>): ReturnType<typeof call>;
  /** Open sessions of a device, one at each gateway. */
  sessionsOf(signedIn: SignedIn): Promise<Awaited<ReturnType<System['connect']>>[]>;
  /** What was written down of what the user did. */
  auditOf(uid: string): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startAccounts(): Promise<AccountSystem> {
  const mailServer = await startMailServer();
  const system = await startSystem({ chatService: { mail: { url: mailServer.url, from: FROM, appUrl: APP_URL } } });
  const tenant = await openTenant(system);
  const post: AccountSystem['post'] = (path, body, headers = {}) =>
    call<SignedIn>('POST', `${system.api}/v1/auth/${path}`, { body, headers });
  return {
    ...{ system, mailServer, tenant, post },
    signIn: ({ email }, more = {}) => post('sign-in', { tenant: tenant.tenantId, email, password: PASSWORD, ...more }),
    refresh: ({ refreshToken }) => post('refresh', { refreshToken }),
    me: (signedIn) => call('GET', `${system.api}/v1/users/me`, { headers: authOf(signedIn) }),
    sessionsOf: ({ token, clientId }) =>
      Promise.all([0, 1].map((gateway) => system.connect({ token }, { gateway, clientId }))),
    async auditOf(uid) {
      const rows = await system.sql<{ action: string }[]>`
        select action from audit_log where tenant_id = ${tenant.tenantId} and actor = ${`user:${uid}`} order by seq`;
      return rows.map(({ action }) => action);
    },
    async stop() {
      await system.stop();
      await mailServer.stop();
    },
  };
}
