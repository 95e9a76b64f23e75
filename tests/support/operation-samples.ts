/** For each operation arguments with which it succeeds, and who may call it so. A new operation is given its own here. */
import { randomUUID } from 'node:crypto';
import { HEADERS } from '@messagecore/protocol';
import { subjects } from '@messagecore/protocol/bus';
import { type Operation, OPERATIONS } from '@messagecore/protocol/features';
import { must, newMid, type TestUser } from '@messagecore/testkit';
import { newRoom, type Room } from './room.ts';
import type { System } from './system.ts';

export type OperationName = (typeof OPERATIONS)[number]['name'];
export type Args = Readonly<Record<string, unknown>>;

/**
 * A tenant with a private channel of two, in which one message was sent, a public one, and somebody who is in neither: who is
 * invited to the private one, and has asked to join it.
 */
export interface Place extends Room<'ann' | 'bob'> {
  readonly open: string;
  readonly seq: number;
  readonly dan: TestUser;
  /** A link to the private channel. */
  readonly code: string;
  readonly linkId: string;
  /** A default channel of the tenant. */
  readonly lobby: string;
  /** A key of the tenant's that nobody uses. */
  readonly keyId: string;
  /** An event that a consumer failed to handle, a job that failed, and work in several steps. */
  readonly letterId: number;
  readonly jobId: number;
  readonly sagaId: string;
  /** Of the tenant's audit log. */
  readonly exportId: string;
}

export async function newPlace(system: System): Promise<Place> {
  const room = await newRoom(system, 'ann', 'bob');
  const { tenant, users, cid } = room;
  const send = { headers: users.ann.auth, body: { mid: newMid(), kind: 'text', body: { text: 'first' } } };
  const create = { headers: users.ann.auth, body: { kind: 'public', name: 'open' } };
  const [dan, { seq }, open, { keyId }, background] = await Promise.all([
    tenant.user('dan'),
    must<{ seq: number }>('POST', `${system.api}/v1/conversations/${cid}/messages`, send),
    must<{ cid: string }>('POST', `${system.api}/v1/conversations`, create),
    newKey(system, room, []),
    newBackground(system, room),
  ]);
  const ways = await newWaysIn(system, room, dan);
  return { ...room, open: open.cid, seq, dan, keyId, ...ways, ...background };
}

/** Into the private channel a link, an invitation and a request; and a default channel, in which everybody is already. */
async function newWaysIn({ api }: System, { tenant, users, cid }: Room<'ann' | 'bob'>, dan: TestUser) {
  const of = (way: string) => `${api}/v1/conversations/${cid}/${way}`;
  const { auth } = users.ann;
  const body = { kind: 'public', name: 'lobby', participants: [users.bob.userId, dan.userId] };
  const link = await must<{ code: string; linkId: string }>('POST', of('links'), { headers: auth, body: {} });
  await must('POST', of('invitations'), { headers: auth, body: { users: [dan.userId] } });
  await must('POST', of('join-requests'), { headers: dan.auth, body: {} });
  const lobby = await must<{ cid: string }>('POST', `${api}/v1/conversations`, { headers: auth, body });
  await must('PUT', `${api}/v1/default-channels/${lobby.cid}`, { headers: tenant.backEnd });
  return { code: link.code, linkId: link.linkId, lobby: lobby.cid };
}

/** What only failures make comes from the database. */
async function newBackground({ sql }: System, { tid, cid }: Pick<Place, 'tid' | 'cid'>) {
  const [sagaId, exportId] = [randomUUID(), randomUUID()];
  const [rows] = await sql<{ letterId: string; jobId: string }[]>`
    with letter as (
      insert into consumer_dead_letters (consumer, subject, payload, attempts, error)
      values ('usage', ${subjects.conversation(tid, cid, 'msg')}, '', 1, 'failed') returning id
    ),
    job as (
      insert into jobs (tenant_id, kind, payload, dead, last_error) values (${tid}, 'sample', '{}', true, 'failed') returning id
    ),
    saga as (
      insert into sagas (id, tenant_id, kind, subject, status, state)
      values (${sagaId}, ${tid}, 'sample', '', 'done', '{}'), (${exportId}, ${tid}, 'export audit log', '', 'done', '{}')
    )
    select letter.id as "letterId", job.id as "jobId" from letter, job`;
  return { sagaId, exportId, letterId: Number(rows?.letterId), jobId: Number(rows?.jobId) };
}

/** A key with some scopes; without any, with all. */
export function newKey(system: System, { tenant }: Pick<Place, 'tenant'>, scopes: readonly string[]) {
  return must<{ keyId: string; apiKey: string }>('POST', `${system.api}/admin/v1/tenants/${tenant.tenantId}/keys`, {
    headers: { [HEADERS.adminKey]: tenant.adminKey },
    body: { name: 'test', ...(scopes.length > 0 && { scopes }) },
  });
}

const everyArgument = (place: Place) => ({
  cid: place.cid,
  seq: place.seq,
  user: place.users.bob.userId,
  id: place.tenant.tenantId,
});
type Given = ReturnType<typeof everyArgument>;

/** Some of the arguments that many take, and others. */
const with_ =
  (names: readonly (keyof Given)[], others: Args | ((place: Place) => Args) = {}) =>
  (place: Place): Args => {
    const all = everyArgument(place);
    const own = typeof others === 'function' ? others(place) : others;
    return { ...Object.fromEntries(names.map((name) => [name, all[name]])), ...own };
  };

const ARGUMENTS: Record<OperationName, (place: Place) => Args> = {
  'conversations.create': with_([], ({ users }) => ({
    ...{ kind: 'private', name: 'new', participants: [users.bob.userId], idempotencyKey: 'once' },
  })),
  'conversations.list': with_([], { archived: false, limit: 10 }),
  'conversations.get': with_(['cid']),
  'conversations.update': with_(['cid'], { topic: 'changed' }),
  'conversations.delete': with_(['cid']),
  'conversations.read': with_(['cid'], { pos: 0 }),
  'participants.list': with_(['cid'], { limit: 10 }),
  'participants.add': with_(['cid'], ({ dan }) => ({ users: [dan.userId], role: 'admin' })),
  'participants.update': with_(['cid', 'user'], { role: 'admin' }),
  'participants.remove': with_(['cid', 'user']),
  'participants.join': ({ open }) => ({ cid: open }),
  'participants.leave': with_(['cid']),
  'invitations.create': with_(['cid'], ({ dan }) => ({ users: [dan.userId], message: 'come', ttlSeconds: 3_600 })),
  'invitations.list': with_(['cid'], { limit: 10 }),
  'invitations.mine': with_([], { limit: 10 }),
  'invitations.accept': with_(['cid']),
  'invitations.decline': with_(['cid']),
  'invitations.revoke': with_(['cid'], ({ dan }) => ({ user: dan.userId })),
  'links.create': with_(['cid'], { ttlSeconds: 3_600, maxUses: 5 }),
  'links.list': with_(['cid'], { limit: 10 }),
  'links.revoke': with_(['cid'], ({ linkId }) => ({ linkId })),
  'links.preview': with_([], ({ code }) => ({ code })),
  'links.accept': with_([], ({ code }) => ({ code })),
  'joinRequests.create': with_(['cid'], { message: 'let me in' }),
  'joinRequests.list': with_(['cid'], { limit: 10 }),
  'joinRequests.mine': with_([], { limit: 10 }),
  'joinRequests.approve': with_(['cid'], ({ dan }) => ({ user: dan.userId })),
  'joinRequests.reject': with_(['cid'], ({ dan }) => ({ user: dan.userId })),
  'joinRequests.withdraw': with_(['cid']),
  // What is not written yet when it is asked for would be in one answer and not in another.
  'directory.list': with_([], { q: 'no such channel', order: 'members', limit: 10 }),
  'defaultChannels.list': with_([]),
  'defaultChannels.add': ({ lobby }) => ({ cid: lobby }),
  'defaultChannels.remove': ({ lobby }) => ({ cid: lobby }),
  'tenants.defaultChannels.list': with_(['id']),
  'tenants.defaultChannels.add': with_(['id'], ({ lobby }) => ({ channel: lobby })),
  'tenants.defaultChannels.remove': with_(['id'], ({ lobby }) => ({ channel: lobby })),
  'messages.send': with_(['cid'], () => ({ mid: newMid(), kind: 'text', body: { text: 'second' } })),
  'messages.list': with_(['cid'], { after: 0, limit: 10 }),
  'messages.changes': with_(['cid'], { after: 0, limit: 10 }),
  'messages.edit': with_(['cid', 'seq'], { body: { text: 'edited' } }),
  'messages.recall': with_(['cid', 'seq']),
  'reactions.add': with_(['cid', 'seq'], { emoji: '👍' }),
  'reactions.remove': with_(['cid', 'seq'], { emoji: '👍' }),
  'tokens.create': with_(['user'], { clientId: 'phone', ttlSeconds: 60 }),
  'users.list': with_([], { q: 'a', limit: 10 }),
  'users.me': with_([]),
  'users.get': with_(['user']),
  'users.updateMe': with_([], { displayName: 'Another' }),
  'users.update': with_([], ({ users }) => ({ user: users.ann.userId, displayName: 'Another' })),
  'users.erase': with_(['user']),
  'devices.list': with_([], { limit: 10 }),
  'devices.revoke': with_([], { clientId: 'lost-phone' }),
  'devices.revokeAll': with_([]),
  'tenants.create': with_([], () => ({ name: 'Another', subdomain: `t-${randomUUID()}` })),
  'tenants.list': with_([], { status: 'active', limit: 10 }),
  'tenants.get': with_(['id']),
  'tenants.update': with_(['id'], { name: 'Renamed' }),
  'tenants.suspend': with_(['id']),
  'tenants.reactivate': with_(['id']),
  'usage.read': with_(['id'], { from: '2026-01-01', to: '2026-01-31' }),
  'audit.list': with_(['id'], { limit: 10 }),
  'audit.verify': with_(['id']),
  'audit.export': with_(['id']),
  'audit.getExport': with_(['id'], ({ exportId }) => ({ exportId })),
  'consumers.list': with_([]),
  'consumers.pause': with_([], { name: 'usage' }),
  'consumers.resume': with_([], { name: 'usage' }),
  'deadLetters.list': with_([], { limit: 10 }),
  'deadLetters.replay': with_([], ({ letterId }) => ({ id: letterId })),
  'deadLetters.delete': with_([], ({ letterId }) => ({ id: letterId })),
  'jobs.state': with_([]),
  'jobs.dead': with_([], { limit: 10 }),
  'jobs.replay': with_([], ({ jobId }) => ({ id: jobId })),
  'sagas.list': with_([], { limit: 10 }),
  'sagas.get': with_([], ({ sagaId }) => ({ id: sagaId })),
  'apiKeys.create': with_(['id'], { name: 'another', scopes: ['read'] }),
  'apiKeys.list': with_(['id'], { limit: 10 }),
  'apiKeys.revoke': with_(['id'], ({ keyId }) => ({ keyId })),
};

export const sampleOf = (name: string, place: Place): Args => ARGUMENTS[name as OperationName](place);

/** Those that somebody else than the owner of the channel calls. */
const CALLERS: Partial<Record<OperationName, 'bob' | 'dan' | 'backEnd'>> = {
  'participants.leave': 'bob',
  'participants.join': 'dan',
  'invitations.mine': 'dan',
  'invitations.accept': 'dan',
  'invitations.decline': 'dan',
  'links.preview': 'dan',
  'links.accept': 'dan',
  'joinRequests.create': 'dan',
  'joinRequests.mine': 'dan',
  'joinRequests.withdraw': 'dan',
  'defaultChannels.list': 'backEnd',
  'defaultChannels.add': 'backEnd',
  'defaultChannels.remove': 'backEnd',
  'users.erase': 'backEnd',
  'tokens.create': 'backEnd',
};
const OF_OPERATOR = (OPERATIONS as readonly Operation[]).filter(({ access }) => access === 'operator');
const isOfOperator = (name: string) => OF_OPERATOR.some((operation) => operation.name === name);

/** The user of the place who calls it; undefined when only the back end or the operator may. */
export function userFor(name: string, { users, dan }: Place): TestUser | undefined {
  const who = CALLERS[name as OperationName] ?? 'ann';
  if (who === 'backEnd' || isOfOperator(name)) return undefined;
  return who === 'dan' ? dan : users[who];
}

export function headersFor(name: string, place: Place): Readonly<Record<string, string>> {
  const user = userFor(name, place);
  if (user !== undefined) return user.auth;
  const { tenant } = place;
  return isOfOperator(name) ? { [HEADERS.adminKey]: tenant.adminKey } : tenant.backEnd;
}
