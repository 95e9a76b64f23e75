import { readFile, writeFile } from 'node:fs/promises';
import { createUlid } from '@messagecore/kernel';
import { HEADERS, LIMITS, STATUS } from '@messagecore/protocol';
import { Conversation, Sent, TenantCreated, TenantSettings, Token } from '@messagecore/protocol/features';

/** The tenant that every start finds ready: two people in a public room. */
export interface DemoTenant {
  readonly tenantId: string;
  readonly apiKey: string;
  /** The room. */
  readonly cid: string;
}

export const DEMO_USERS = [
  { externalId: 'alice', displayName: 'Alice' },
  { externalId: 'bob', displayName: 'Bob' },
] as const;

/** What a client needs to be one of the demo's people. */
export interface SignIn {
  readonly externalId: string;
  readonly displayName: string;
  readonly userId: string;
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const ROOM = 'Lounge';
/** So that the room is not empty when people look into it. */
const OPENING = [
  ['alice', 'Hi Bob! This room is served by two gateways; you may be on the other one.'],
  ['bob', 'I am, and I see you typing all the same.'],
  ['alice', 'Now somebody kills a gateway, and we just go on.'],
] as const;
const SUBDOMAIN = 'demo';

/**
 * The demo tenant kept in `file`, or a new one made through the API as any operator and tenant would, and kept there.
 *
 * @throws Error with the API's own words when it refuses.
 */
export async function ensureDemo(api: string, adminKey: string, file: string): Promise<DemoTenant> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const stored = text === undefined ? undefined : (JSON.parse(text) as DemoTenant);
  if (stored !== undefined && (await isKnown(api, stored))) return stored;

  const { tenantId, apiKey } = await createTenant(api, adminKey);
  await openSignUp(api, adminKey, tenantId);
  for (const user of DEMO_USERS) await signIn(api, apiKey, user);
  const [host] = DEMO_USERS;
  const as = (externalId: string) => ({ [HEADERS.apiKey]: apiKey, [HEADERS.onBehalfOf]: `ext:${externalId}` });
  const { cid } = await post(api, '/v1/conversations', Conversation.pick({ cid: true }), {
    headers: as(host.externalId),
    body: { kind: 'public', name: ROOM, participants: DEMO_USERS.map((user) => `ext:${user.externalId}`) },
  });
  const nextMid = createUlid();
  for (const [externalId, text] of OPENING) {
    const body = { mid: nextMid(), kind: 'text', body: { text } };
    await post(api, `/v1/conversations/${cid}/messages`, Sent, { headers: as(externalId), body });
  }
  const demo: DemoTenant = { tenantId, apiKey, cid };
  await writeFile(file, JSON.stringify(demo), { mode: 0o600 });
  return demo;
}

/** Fresh tokens for all of the demo's people. */
export function demoSignIns(api: string, { apiKey }: DemoTenant): Promise<SignIn[]> {
  return Promise.all(DEMO_USERS.map((user) => signIn(api, apiKey, user)));
}

async function signIn(api: string, apiKey: string, user: (typeof DEMO_USERS)[number]): Promise<SignIn> {
  const token = await post(api, '/v1/tokens', Token, {
    headers: { [HEADERS.apiKey]: apiKey },
    body: { user: `ext:${user.externalId}`, displayName: user.displayName, ttlSeconds: LIMITS.tokenTtlSeconds.max },
  });
  return { ...user, ...token };
}

/** The database may have been replaced under the file. */
async function isKnown(api: string, { apiKey, cid }: DemoTenant): Promise<boolean> {
  const [host] = DEMO_USERS;
  const headers = { [HEADERS.apiKey]: apiKey, [HEADERS.onBehalfOf]: `ext:${host.externalId}` };
  const answer = await fetch(`${api}/v1/conversations/${cid}`, { headers });
  await answer.body?.cancel();
  return answer.ok;
}

async function createTenant(api: string, adminKey: string): Promise<{ tenantId: string; apiKey: string }> {
  const make = (subdomain: string) =>
    post(api, '/admin/v1/tenants', TenantCreated.pick({ tenantId: true, apiKey: true }), {
      headers: { [HEADERS.adminKey]: adminKey },
      body: { name: 'Demo', subdomain, plan: 'enterprise' },
    });
  // An earlier start may have taken the name, and its key is lost: another tenant is created.
  return make(SUBDOMAIN).catch(() => make(`${SUBDOMAIN}-${Date.now().toString(36)}`));
}

/** Anybody at this machine may sign up; the mails are taken by its mailbox. */
async function openSignUp(api: string, adminKey: string, tenantId: string): Promise<void> {
  await send('PATCH', api, `/admin/v1/tenants/${tenantId}/settings`, TenantSettings, {
    headers: { [HEADERS.adminKey]: adminKey },
    body: { signUp: { mode: 'open' } },
  });
}

/** A schema of the protocol. */
interface Shape<T> {
  parse(value: unknown): T;
}

interface Post {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

function post<T>(api: string, path: string, shape: Shape<T>, request: Post): Promise<T> {
  return send('POST', api, path, shape, request);
}

async function send<T>(
  method: string,
  api: string,
  path: string,
  shape: Shape<T>,
  { headers, body }: Post,
): Promise<T> {
  const answer = await fetch(`${api}${path}`, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.status !== STATUS.created && answer.status !== STATUS.ok) {
    throw new Error(`${method} ${path} was answered with ${answer.status}: ${text}`);
  }
  return shape.parse(JSON.parse(text));
}
