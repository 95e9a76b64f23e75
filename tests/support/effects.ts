/** What ends or narrows what a user may do, and how the open sessions of that user learn of it. */
import { CLOSE, type CloseCode, type ErrorCode } from '@messagecore/protocol';
import type { Conversation } from '@messagecore/protocol/features';
import { must, type RawClient, type TestTenant, type TestUser } from '@messagecore/testkit';
import { newAccount, setAccounts } from './accounts.ts';
import type { System } from './system.ts';

/** Where it happens: in a tenant whose user `boss` takes part in every conversation. */
export interface Stage {
  readonly system: Pick<System, 'api' | 'sql'>;
  readonly tenant: TestTenant;
  readonly boss: TestUser;
}

/** To whom it happens. */
export interface Target {
  readonly userId: string;
  readonly token: string;
  readonly cid: string;
  /** Of a user who has signed in. */
  readonly refreshToken?: string;
}

export interface Effect {
  readonly name: string;
  /** Of SPEC.md. */
  readonly rules: string;
  /** Of the frame by which each session learns of it. */
  readonly frame: Readonly<Record<string, string>>;
  /** With what the session ends, where it does; else the code with which its sends are refused. */
  readonly close?: CloseCode;
  readonly refusal?: ErrorCode;
  /** True where a send is judged by it without the conversation's lock. */
  readonly endsTokens?: true;
  /** Somebody new to whom it can happen. */
  readonly arrange: (stage: Stage) => Promise<Target>;
  /** Settles with the answer to the command. */
  readonly command: (stage: Stage, target: Target) => Promise<unknown>;
  /** So that others of the tenant can go on. */
  readonly undo?: (stage: Stage) => Promise<unknown>;
}

const DEVICE = 'phone';

const member = async ({ tenant, boss }: Stage): Promise<Target> => {
  const user = await tenant.user(crypto.randomUUID(), { clientId: DEVICE });
  return { ...user, cid: await tenant.channel(boss, user) };
};

const friend = async ({ system, tenant, boss }: Stage): Promise<Target> => {
  const user = await tenant.user(crypto.randomUUID());
  const body = { kind: 'dm', participants: [user.userId] };
  const { cid } = await must<Conversation>('POST', `${system.api}/v1/conversations`, { headers: boss.auth, body });
  return { ...user, cid };
};

const account = async ({ system, tenant, boss }: Stage): Promise<Target> => {
  const { signedIn } = await newAccount(system, tenant);
  return { ...signedIn, cid: await tenant.channel(boss, signedIn) };
};

/** A user whom a directory provisions. */
const provisioned = async ({ system, tenant, boss }: Stage): Promise<Target> => {
  const userName = `${crypto.randomUUID()}@example.com`;
  const headers = { authorization: `Bearer ${tenant.apiKey}` };
  const body = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, active: true };
  const { id } = await must<{ id: string }>('POST', `${system.api}/scim/v2/Users`, { headers, body });
  const asked = { headers: tenant.backEnd, body: { user: id } };
  const user = await must<{ userId: string; token: string }>('POST', `${system.api}/v1/tokens`, asked);
  return { ...user, cid: await tenant.channel(boss, user) };
};

type Command = Effect['command'];

const byBoss =
  (method: string, path: (target: Target) => string, body?: object): Command =>
  ({ system, boss }, target) =>
    must(method, `${system.api}${path(target)}`, { headers: boss.auth, body });

const revokeDevice: Command = ({ system }, { token }) =>
  must('DELETE', `${system.api}/v1/devices/${DEVICE}`, { headers: { authorization: `Bearer ${token}` } });

const signOut: Command = ({ system }, { refreshToken }) =>
  must('POST', `${system.api}/v1/auth/sign-out`, { body: { refreshToken } });

const participant = ({ cid, userId }: Target) => `/v1/conversations/${cid}/participants/${userId}`;

const byDirectory: Command = ({ system, tenant }, { userId }) =>
  must('PATCH', `${system.api}/scim/v2/Users/${userId}`, {
    headers: { authorization: `Bearer ${tenant.apiKey}` },
    body: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'active', value: false }],
    },
  });

const deactivate: Command = ({ system, tenant }, { userId }) =>
  must('PATCH', `${system.api}/v1/users/${userId}`, { headers: tenant.backEnd, body: { deactivated: true } });

const HOUR_MS = 3_600_000;
const REMOVED = { rules: '[PERM-1]', frame: { t: 'conv', event: 'removed' }, refusal: 'not_member' } as const;
const MUTED = { rules: '[PERM-2]', frame: { t: 'conv', event: 'muted' }, refusal: 'muted' } as const;
const REVOKED = {
  ...{ rules: '[REVK-3]', frame: { t: 'bye', reason: 'revoked' } },
  ...({ close: CLOSE.unauthorized, endsTokens: true } as const),
} as const;
const DEACTIVATED = {
  ...{ rules: '[REVK-2]', frame: { t: 'error', code: 'forbidden' } },
  ...({ close: CLOSE.forbidden, endsTokens: true } as const),
} as const;

export const EFFECTS: readonly Effect[] = [
  { name: 'removed', ...REMOVED, arrange: member, command: byBoss('DELETE', participant) },
  {
    ...{ name: 'banned', ...REMOVED, rules: '[PERM-10]', arrange: member },
    command: byBoss('PUT', ({ cid, userId }) => `/v1/conversations/${cid}/bans/${userId}`, {}),
  },
  {
    ...{ name: 'muted', ...MUTED, arrange: member },
    command: (stage, target) => byBoss('PATCH', participant, { mutedUntil: Date.now() + HOUR_MS })(stage, target),
  },
  {
    ...{ name: 'blocked in a dm', ...MUTED, rules: '[BLK-1]', arrange: friend },
    command: byBoss('PUT', ({ userId }) => `/v1/users/me/blocks/${userId}`),
  },
  { name: 'device revoked', ...REVOKED, arrange: member, command: revokeDevice },
  { name: 'signed out', ...REVOKED, arrange: account, command: signOut },
  { name: 'deactivated', ...DEACTIVATED, arrange: member, command: deactivate },
  { name: 'deactivated by a directory', ...DEACTIVATED, arrange: provisioned, command: byDirectory },
  {
    ...{
      name: 'tenant suspended',
      rules: '[REVK-1]',
      frame: { t: 'bye', reason: 'suspended' },
      close: CLOSE.forbidden,
      endsTokens: true,
    },
    arrange: member,
    command: ({ tenant }) => tenant.administer('suspend'),
    undo: ({ tenant }) => tenant.administer('reactivate'),
  },
];

/** A tenant in which all of them can happen. */
export async function newStage(system: Pick<System, 'api' | 'sql'>, tenant: TestTenant): Promise<Stage> {
  await setAccounts(system, tenant, { signUp: { mode: 'open' } });
  return { system, tenant, boss: await tenant.user('boss') };
}

/** Settles when the session has learned of it. */
export function learned({ name, frame }: Effect, { record }: RawClient): Promise<void> {
  const wanted = Object.entries(frame);
  const isIt = (each: object) => wanted.every(([key, value]) => (each as Record<string, unknown>)[key] === value);
  return record.until(name, () => record.all.some(isIt));
}
