/** A tenant with things of every kind that another one could name, and how to see that nothing touched them. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { subjects } from '@messagecore/protocol/bus';
import { OidcSettings } from '@messagecore/protocol/features';
import { must, newMid, type RawClient, type TestUser } from '@messagecore/testkit';
import { vi } from 'vitest';
import { GROUP, USER } from '../../services/chat-service/test/scim-client.ts';
import { newPlace, type Place, PROVIDER } from './operation-place.ts';
import { joinAll } from './room.ts';
import type { System } from './system.ts';

/** Words that nothing else in the system has. */
export interface Words {
  /** In texts, topics, names of channels and users, labels of fields: searches find them. */
  readonly secret: string;
  /** External id of a user, id of an identity provider, name of a field, of a device. */
  readonly externalId: string;
  readonly providerId: string;
  readonly field: string;
  /** Of messages. */
  readonly kind: string;
  readonly clientId: string;
  /** Keys under which something was made. */
  readonly mid: string;
  readonly idempotencyKey: string;
}

export interface ForeignPlace extends Place {
  readonly words: Words;
  readonly scimUser: string;
  readonly scimGroup: string;
}

const word = () => `w${randomBytes(8).toString('hex')}`;
export const newWords = (): Words => ({
  ...{ secret: word(), externalId: word(), providerId: word(), field: word(), clientId: word() },
  kind: `x-${word()}`,
  ...{ mid: newMid(), idempotencyKey: word() },
});

export async function newForeignPlace(system: System): Promise<ForeignPlace> {
  const [place, words] = [await newPlace(system, 'auth.'), newWords()];
  const { api, sql } = system;
  const { tenant, users, cid, tid } = place;
  const { secret, mid } = words;
  const named = (path: string, body: object, headers = users.ann.auth, method = 'POST') =>
    must<{ id: string }>(method, `${api}${path}`, { headers, body });
  await addSeconds(system, place, words);
  await beThere(system, place);
  await Promise.all([
    named(`/v1/conversations/${cid}`, { name: secret, topic: secret }, users.ann.auth, 'PATCH'),
    named(`/v1/conversations/${place.open}`, { name: secret, topic: secret }, users.ann.auth, 'PATCH'),
    named('/v1/users/me', { displayName: secret, bio: secret }, users.bob.auth, 'PATCH'),
    named(`/v1/conversations/${cid}/messages`, { mid, kind: 'text', body: { text: secret } }),
    named(`/v1/profile-fields/${words.field}`, { label: secret, type: 'text' }, tenant.backEnd, 'PUT'),
    named('/v1/user-groups', { name: secret }, tenant.backEnd),
    named(`/v1/message-kinds/${words.kind}`, { schema: { type: 'object', title: secret } }, tenant.backEnd, 'PUT'),
    ...[words.field, 'another'].map((name) =>
      named(`/v1/emojis/${name}`, { image: `https://${secret}.example/` }, tenant.backEnd, 'PUT'),
    ),
    named(`/v1/conversations/${cid}/draft`, { body: { text: secret } }, users.ann.auth, 'PUT'),
    sql`
      insert into identity_providers (tenant_id, id, settings, enabled)
      values (${tid}, ${words.providerId}, ${sql.json(OidcSettings.parse({ ...PROVIDER, name: secret }))}, true)`,
  ]);
  const scim = { authorization: `Bearer ${tenant.apiKey}` };
  const user = await named('/scim/v2/Users', { schemas: [USER], userName: `${secret}@example.org` }, scim);
  const members = [{ value: user.id }];
  const group = await named('/scim/v2/Groups', { schemas: [GROUP], displayName: secret, members }, scim);
  await untilListed(system, place, words);
  return { ...place, words, scimUser: user.id, scimGroup: group.id };
}

/** A second one, at least, of all that is listed, so that each list has a next page. */
async function addSeconds({ api }: System, place: Place, words: Words) {
  const { externalId, clientId, idempotencyKey, secret } = words;
  const { tenant, users, dan, cid, open } = place;
  const { ann, bob } = users;
  const by = (user: TestUser, method: string, path: string, body: object = {}) =>
    must<{ cid: string; seq: number }>(method, `${api}/v1${path}`, { headers: user.auth, body });
  const [other, kim, lee] = await Promise.all([
    tenant.user(externalId, { clientId }),
    ...['kim', 'lee'].map((name) => tenant.user(name)),
    ...['phone', 'tablet'].map((clientId) => tenant.user('ann', { clientId })),
  ]);
  await addThreads(by, place, await tenant.user('mia'));
  await addLater(by, place, words);
  const room = await by(ann, 'POST', '/conversations', { kind: 'private', name: secret, idempotencyKey });
  const text = { body: { text: secret } };
  await Promise.all([
    by(ann, 'PUT', `/conversations/${open}/draft`, text),
    by(ann, 'POST', `/conversations/${cid}/invitations`, { users: [other.userId] }),
    by(ann, 'POST', `/conversations/${room.cid}/invitations`, { users: [dan.userId] }),
    by(ann, 'POST', `/conversations/${cid}/links`),
    by(other, 'POST', `/conversations/${cid}/join-requests`),
    by(dan, 'POST', `/conversations/${room.cid}/join-requests`),
    by(ann, 'PUT', `/conversations/${cid}/bans/${kim!.userId}`),
    ...[kim!, lee!].map(({ userId }) => by(ann, 'PUT', `/users/me/blocks/${userId}`)),
    ...[ann, dan].map((user) => by(user, 'PUT', `/users/me/following/${bob.userId}`)),
    ...[ann, dan].map(({ userId }) => by(bob, 'PUT', `/users/me/following/${userId}`)),
  ]);
}

/** Two participants with a session, listed as soon as their gateway has reported them. */
async function beThere(system: System, { users: { ann, bob }, cid }: Place): Promise<void> {
  await Promise.all([ann, bob].map((user) => system.connect(user)));
  const online = () =>
    must<{ items: object[] }>('GET', `${system.api}/v1/conversations/${cid}/online`, { headers: ann.auth });
  await vi.waitUntil(async () => (await online()).items.length > 1, 60_000);
}

type By = (user: TestUser, method: string, path: string, body?: object) => Promise<{ readonly seq: number }>;

/**
 * Two threads with pinned roots, two messages that mention ann, one that two others have read and reacted to after two
 * edits, and a poll in which they have voted.
 */
async function addThreads(by: By, { users: { ann, bob }, cid, seq, poll }: Place, mia: TestUser): Promise<void> {
  const say = (threadRoot?: number) =>
    by(ann, 'POST', `/conversations/${cid}/messages`, { mid: newMid(), kind: 'text', body: { text: 'x' }, threadRoot });
  await by(ann, 'POST', `/conversations/${cid}/participants`, { users: [mia.userId] });
  for (const text of ['once', 'twice'])
    await by(ann, 'PATCH', `/conversations/${cid}/messages/${seq}`, { body: { text } });
  for (const root of [seq, (await say()).seq]) {
    await say(root);
    await by(ann, 'PUT', `/conversations/${cid}/messages/${root}/pin`);
  }
  for (const _ of [1, 2]) {
    const body = { text: `<@${ann.userId}>` };
    await by(bob, 'POST', `/conversations/${cid}/messages`, { mid: newMid(), kind: 'text', body });
  }
  for (const user of [bob, mia]) {
    await by(user, 'PUT', `/conversations/${cid}/read`, { pos: seq });
    await by(user, 'PUT', `/conversations/${cid}/messages/${seq}/reactions/${encodeURIComponent('👍')}`);
    await by(user, 'PUT', `/conversations/${cid}/messages/${poll}/vote`, { options: ['a'] });
  }
}

/** Two of each: scheduled messages, reminders and bookmarks. */
async function addLater(by: By, { users: { ann }, cid, seq }: Place, { secret, mid }: Words): Promise<void> {
  const at = Date.now() + 3_600_000;
  for (const id of [mid, newMid()]) {
    await by(ann, 'POST', `/conversations/${cid}/scheduled`, { mid: id, kind: 'text', body: { text: secret }, at });
    await by(ann, 'POST', '/reminders', { reminderId: id, at, note: secret });
  }
  for (const each of [seq, seq + 1])
    await by(ann, 'PUT', `/conversations/${cid}/messages/${each}/bookmark`, { note: secret });
}

/** The directory is some seconds behind. */
async function untilListed({ api }: System, { users }: Place, { secret }: Words): Promise<void> {
  const listed = () => must<{ items: { name: string }[] }>('GET', `${api}/v1/directory`, { headers: users.ann.auth });
  const areThere = ({ items }: Awaited<ReturnType<typeof listed>>) =>
    items.length > 1 && items.some(({ name }) => name === secret);
  await vi.waitUntil(async () => areThere(await listed()), 60_000);
}

/** What must be in no answer to another tenant. */
export function secretsOf({ words, users, dan, boss, ...place }: ForeignPlace): string[] {
  const { cid, open, lobby, code, linkId, keyId, exportId, sagaId, tid, tenant, scimUser, scimGroup, account } = place;
  const { actionId, groupId } = place;
  return [
    ...[
      cid,
      open,
      lobby,
      code,
      linkId,
      keyId,
      exportId,
      sagaId,
      tid,
      tenant.apiKey,
      scimUser,
      scimGroup,
      actionId,
      groupId,
    ],
    ...[words.secret, words.externalId, words.providerId, words.field, words.clientId, words.kind],
    ...[words.mid, words.idempotencyKey],
    ...[users.ann, users.bob, dan, boss].flatMap(({ userId, token }) => [userId, token]),
    ...(account === undefined ? [] : [account.email, account.signedIn.token, account.signedIn.refreshToken]),
  ];
}

/** Which of its things the place has lost: of what is not there any answer would be "not found". */
export async function missingFrom({ sql }: System, place: Place): Promise<string[]> {
  const { cid, open, lobby, linkId, keyId, exportId, users, dan, boss } = place;
  const people = [users.ann, users.bob, dan, boss].map(({ userId }) => userId);
  const seats = [users.ann, users.bob].map(({ userId }) => `${cid} ${userId}`);
  const rows = await sql<{ id: string }[]>`
    select conversation_id::text as id from conversations where deleted_at is null
    union all select conversation_id || ' ' || user_id from participants
    union all select id::text from invitation_links
    union all select id::text from api_keys
    union all select id::text from sagas
    union all select id::text from users`;
  const there = new Set(rows.map(({ id }) => id));
  return [cid, open, lobby, linkId, keyId, exportId, ...people, ...seats].filter((id) => !there.has(id));
}

export interface Watch {
  /** The tenant’s own row, its rows in every table and the sagas about it, what its sessions have heard, and what the bus carried of it. */
  look(): Promise<{ rows: Record<string, unknown>; heard: unknown[]; carried: readonly string[] }>;
}

/** Opens sessions of the place, which have joined what it is about, and listens to all subjects of the tenant. */
export async function watchPlace(system: System, place: Place): Promise<Watch> {
  const { bus, sql } = system;
  const { tid } = place;
  const waiting = async () => {
    const [row] = await sql<{ count: number }[]>`
      select (
        (select count(*) from outbox) + (select count(*) from outbox_events)
        -- Others wait for their time.
        + (select count(*) from jobs where tenant_id = ${tid} and not dead and run_at < now() + interval '30 minutes')
      )::int as count`;
    return row?.count;
  };
  await vi.waitUntil(async () => (await waiting()) === 0, 60_000);
  const joined = await joinAll(system, place, { inbox: true });
  const [dan, boss] = await Promise.all([place.dan, place.boss].map((user) => system.connect(user, { inbox: true })));
  const sessions = [...Object.values<RawClient>(joined), dan!, boss!];
  await hearTheLast(system, place, sessions);
  await sleep(LISTS_TOLD_MS);
  const marks = sessions.map(({ frames }) => frames.length);
  const carried: string[] = [];
  for (const subject of [
    subjects.ofConversations(tid),
    subjects.user(tid, '>'),
    subjects.tenant(tid),
    subjects.inbox(tid),
  ]) {
    bus.subscribe(subject, (_, name) => void carried.push(name));
  }
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where column_name = 'tenant_id' and table_schema = 'public' and table_type = 'BASE TABLE'
      -- Counted later, and of open sessions every so often.
      and table_name not like 'usage\\_%'
    order by 1`;
  const rowsOf = async ({ name }: { readonly name: string }) => {
    const rows = await sql<{ row: string }[]>`
      select t::text as row from ${sql(name)} t where tenant_id = ${tid} order by 1`;
    return [name, rows.map(({ row }) => row)] as const;
  };
  /** Of the tenant itself, and what the platform is about to do with it. */
  const ofItself = async () => {
    const rows = await sql<{ row: string }[]>`
      select t::text as row from tenants t where id = ${tid}
      union all select s::text from sagas s where strpos(subject, ${tid}) > 0
      order by 1`;
    return ['itself', rows.map(({ row }) => row)] as const;
  };
  return {
    async look() {
      await Promise.all([bus.flush(), ...sessions.map((session) => session.settle())]);
      const heard = sessions.flatMap(({ frames }, n) => frames.slice(marks[n]));
      return {
        rows: Object.fromEntries(await Promise.all([ofItself(), ...tables.map(rowsOf)])),
        heard: heard.filter(({ t }) => t !== 'pong' && t !== 'heads'),
        carried,
      };
    },
  };
}

/** That a list has changed is told up to 5 s later (EVT-3); by then it was, on a busy machine too. */
const LISTS_TOLD_MS = 8_000;

/** What was done before is told: a message of the default channel, which all hear of and nobody has joined. */
async function hearTheLast({ api }: System, { lobby, users }: Place, sessions: readonly RawClient[]): Promise<void> {
  const body = { mid: newMid(), kind: 'text', body: { text: 'all is told' } };
  const path = `${api}/v1/conversations/${lobby}/messages`;
  const { seq } = await must<{ seq: number }>('POST', path, { headers: users.ann.auth, body });
  const isTold = ({ record }: RawClient) => record.of('inbox', { cid: lobby }).some(({ head }) => head >= seq);
  await Promise.all(sessions.map((session) => session.record.until('the message', () => isTold(session))));
  await Promise.all(sessions.map((session) => session.settle()));
}
