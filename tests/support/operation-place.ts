/** Where operations are carried out: a tenant with all that they name. Each area adds its own part. */
import { randomUUID } from 'node:crypto';
import { waitUntil } from '@messagecore/dev-servers';
import { HEADERS } from '@messagecore/protocol';
import { subjects } from '@messagecore/protocol/bus';
import { type CurrentUsage, OidcSettings } from '@messagecore/protocol/features';
import { must, newMid, type TestUser } from '@messagecore/testkit';
import { REDIRECT_URI } from '../../services/chat-service/test/sign-in-browser.ts';
import { type AccountPlace, newAccountPlace } from './account-place.ts';
import type { IdentityProviders } from './identity-providers.ts';
import { newRoom, type Room } from './room.ts';
import type { System } from './system.ts';

/** Whose sagas are the platform's own. */
const PLATFORM_TENANT = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * A tenant with a private channel of two, in which one message and a poll were sent, a public one, and somebody who is in neither: who is
 * invited to the private one, and has asked to join it.
 */
export interface Place extends Room<'ann' | 'bob'> {
  readonly open: string;
  readonly seq: number;
  /** A poll in the private channel, as its last message. */
  readonly poll: number;
  readonly dan: TestUser;
  /** A link to the private channel. */
  readonly code: string;
  readonly linkId: string;
  /** A default channel of the tenant. */
  readonly lobby: string;
  /** Banned from the private channel. */
  readonly banned: string;
  /** An admin of the tenant. */
  readonly boss: TestUser;
  /** A tenant that is to be deleted after a time of grace. */
  readonly doomed: string;
  /** A key of the tenant's that nobody uses. */
  readonly keyId: string;
  /** An event that a consumer failed to handle, a job that failed, and work in several steps. */
  readonly letterId: number;
  readonly jobId: number;
  readonly sagaId: string;
  /** Only where it is asked for: making it takes a while. */
  readonly account?: AccountPlace;
  /** Ann’s, where it is asked for: a message to be sent in an hour, and a reminder. */
  readonly scheduled?: string;
  readonly reminder?: string;
  /** Of the tenant's audit log. */
  readonly exportId: string;
  /** An identity provider that the tenant keeps itself, of an id of its own. */
  readonly ownProvider: string;
  /** A card of ann's in the private channel, and what bob has done with it: it waits for long. */
  readonly cardSeq: number;
  readonly actionId: string;
  /** A group of ann and bob. */
  readonly groupId: string;
  /** With what a sign-in ends, where it is asked for; made up elsewhere. */
  readonly signIn: { readonly flow: string; readonly query: string };
}

/** What the places of some operations have beside what all have; each area adds its own. */
type Addition = (system: System, room: Filled, name: string) => Promise<Partial<Place>>;
/** The room with all users of its tenant. */
interface Filled extends Room<'ann' | 'bob'> {
  readonly others: Readonly<Record<'dan' | 'boss' | 'eve', TestUser>>;
}
const ADDITIONS: readonly Addition[] = [
  newBackground,
  newAdmin,
  newBan,
  newAccount,
  newWaysIn,
  newCard,
  newLater,
  newGroup,
];

/** How often a place is begun anew, with another tenant, where a busy machine has no time for one of its parts. */
const ATTEMPTS = 3;
const NOT_NOW = /: 503 /;

/**
 * With what the operation needs that is to be carried out there, if it is named. Its identity providers answer where some are
 * given.
 */
export async function newPlace(system: System, name = '', providers?: IdentityProviders): Promise<Place> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await makePlace(system, name, providers);
    } catch (error) {
      if (attempt === ATTEMPTS || !NOT_NOW.test(String(error))) throw error;
    }
  }
}

async function makePlace(system: System, name: string, providers: IdentityProviders | undefined): Promise<Place> {
  const made = await newRoom(system, 'ann', 'bob');
  const { tenant, users, cid } = made;
  const [dan, boss, eve] = await Promise.all([tenant.user('dan'), tenant.user('boss'), tenant.user('eve')]);
  const room: Filled = { ...made, others: { dan, boss, eve } };
  const send = { headers: users.ann.auth, body: { mid: newMid(), kind: 'text', body: { text: 'first' } } };
  const create = { headers: users.ann.auth, body: { kind: 'public', name: 'open' } };
  const [{ seq }, open, { keyId }, ...more] = await Promise.all([
    must<{ seq: number }>('POST', `${system.api}/v1/conversations/${cid}/messages`, send),
    must<{ cid: string }>('POST', `${system.api}/v1/conversations`, create),
    newKey(system, room, []),
    ...ADDITIONS.map((add) => add(system, room, name)),
    newProvider(system, room, name, providers),
  ]);
  const { seq: poll } = await must<{ seq: number }>('POST', `${system.api}/v1/conversations/${cid}/messages`, {
    headers: users.ann.auth,
    body: { mid: newMid(), kind: 'poll', body: POLL },
  });
  await addTranslation(system, room, seq);
  if (name.startsWith('usage.')) await untilCounted(system, tenant);
  return Object.assign({ ...made, open: open.cid, seq, poll, dan, keyId }, ...more) as Place;
}

const POLL = {
  question: 'When?',
  options: ['a', 'b'].map((id) => ({ id, text: id })),
};

/** An endpoint that is not asked, as the first message is translated already. */
async function addTranslation({ api, sql }: System, { tenant, cid, tid }: Room<'ann' | 'bob'>, seq: number) {
  const body = { url: 'https://translator.example/' };
  await must('PUT', `${api}/v1/tenant/endpoints/translations`, { headers: tenant.backEnd, body });
  await sql`
    insert into message_translations (conversation_id, seq, language, tenant_id, text, created_at)
    values (${cid}, ${seq}, 'fr', ${tid}, 'premier', now())`;
}

/** What was sent is counted a moment later. */
async function untilCounted({ api, sql }: System, { tenantId, backEnd }: Place['tenant']): Promise<void> {
  await waitUntil('the messages to be counted', async () => {
    const usage = await must<CurrentUsage>('GET', `${api}/v1/tenant/usage`, { headers: backEnd });
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from messages where tenant_id = ${tenantId} and kind <> 'sys'`;
    return usage.messages.current === row?.count;
  });
}

/** Into the private channel a link, an invitation and a request; and a default channel, in which everybody is already. */
async function newWaysIn({ api }: System, { tenant, users, others, cid }: Filled) {
  const of = (way: string) => `${api}/v1/conversations/${cid}/${way}`;
  const { auth } = users.ann;
  const { dan, boss, eve } = others;
  const participants = [users.bob, dan, boss, eve].map(({ userId }) => userId);
  const body = { kind: 'public', name: 'lobby', participants };
  const ask = async () => {
    await must('POST', of('invitations'), { headers: auth, body: { users: [dan.userId] } });
    await must('POST', of('join-requests'), { headers: dan.auth, body: {} });
  };
  const openLobby = async () => {
    const { cid: made } = await must<{ cid: string }>('POST', `${api}/v1/conversations`, { headers: auth, body });
    await must('PUT', `${api}/v1/default-channels/${made}`, { headers: tenant.backEnd });
    return made;
  };
  const [link, lobby] = await Promise.all([
    must<{ code: string; linkId: string }>('POST', of('links'), { headers: auth, body: {} }),
    openLobby(),
    ask(),
  ]);
  return { code: link.code, linkId: link.linkId, lobby };
}

/** Two actions, so that their list has a next page. */
async function newCard({ api, sql }: System, { users, cid, tid }: Room<'ann' | 'bob'>) {
  const body = { title: 'Lunch', elements: [{ type: 'input', id: 'note', label: 'Note' }] };
  const send = { headers: users.ann.auth, body: { mid: newMid(), kind: 'card', body } };
  const { seq } = await must<{ seq: number }>('POST', `${api}/v1/conversations/${cid}/messages`, send);
  const actionId = randomUUID();
  await sql`
    insert into card_actions (conversation_id, action_id, tenant_id, seq, actor_id, owner_id, request_key, request_hash,
      element, given, state, created_at)
    select ${cid}, id::uuid, ${tid}, ${seq}, ${users.bob.userId}, ${users.ann.userId}, id, 'hash', 'note',
      '{"value":"x","inputs":{}}', 'waiting', now() + interval '1 hour'
    from unnest(${[actionId, randomUUID()]}::text[]) id`;
  return { cardSeq: seq, actionId };
}

async function newLater({ api }: System, { users, cid }: Room<'ann' | 'bob'>, name: string) {
  const [scheduled, reminder, at] = [newMid(), newMid(), Date.now() + 3_600_000];
  const make = (path: string, body: object) => must('POST', `${api}/v1/${path}`, { headers: users.ann.auth, body });
  if (name.startsWith('scheduled.'))
    await make(`conversations/${cid}/scheduled`, { mid: scheduled, kind: 'text', body: { text: 'later' }, at });
  if (name.startsWith('reminders.')) await make('reminders', { reminderId: reminder, at, note: 'answer' });
  return { scheduled, reminder };
}

async function newBan(system: System, { users, others, cid }: Filled) {
  const banned = others.eve.userId;
  await must('PUT', `${system.api}/v1/conversations/${cid}/bans/${banned}`, { headers: users.ann.auth, body: {} });
  return { banned };
}

/** Settings of an identity provider; none answers there. */
export const PROVIDER = {
  ...{ kind: 'oidc', name: 'Company', issuer: 'https://id.example.org', clientId: 'messagecore' },
  redirectUris: [REDIRECT_URI],
};

async function newProvider(
  system: System,
  { tid, tenant }: Pick<Place, 'tid' | 'tenant'>,
  name: string,
  providers: IdentityProviders | undefined,
) {
  const { sql } = system;
  const ownProvider = `own-${tid}`;
  await sql`
    insert into identity_providers (tenant_id, id, settings, enabled, kept_by)
    values (${tid}, ${ownProvider}, ${sql.json(OidcSettings.parse(PROVIDER))}, true, 'tenant')`;
  const signIn = { flow: 'none', query: 'code=none&state=none' };
  if (providers !== undefined) {
    await providers.addTo(system, tenant);
    return { ownProvider, signIn: name === 'auth.finishOidc' ? await providers.comeBack(system, tenant) : signIn };
  }
  await sql`
    insert into identity_providers (tenant_id, id, settings, enabled)
    values (${tid}, 'company', ${sql.json(OidcSettings.parse(PROVIDER))}, true)`;
  return { ownProvider, signIn };
}

async function newAccount(system: System, { tenant }: Room<'ann' | 'bob'>, name: string) {
  return name.startsWith('auth.') ? { account: await newAccountPlace(system, tenant, name) } : {};
}

async function newAdmin({ sql }: System, { others: { boss } }: Filled) {
  await sql`update users set role = 'admin' where id = ${boss.userId}`;
  return { boss };
}

/** What only failures and time make comes from the database. */
async function newBackground({ sql }: System, { tid, cid }: Pick<Place, 'tid' | 'cid'>) {
  const [sagaId, exportId, doomed] = [randomUUID(), randomUUID(), randomUUID()];
  await sql`
    with tenant as (
      insert into tenants (id, name, subdomain, status) values (${doomed}, 'Doomed', ${`t-${doomed}`}, 'deleted')
    )
    insert into sagas (id, tenant_id, kind, subject, status, state) values (
      ${randomUUID()}, ${PLATFORM_TENANT}, 'delete tenant', ${doomed}, 'running',
      ${sql.json({ tid: doomed, before: 'active', graceMs: 3_600_000 })}
    )`;
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
  return { sagaId, exportId, doomed, letterId: Number(rows?.letterId), jobId: Number(rows?.jobId) };
}

/** A key with some scopes; without any, with all. */
export function newKey(system: System, { tenant }: Pick<Place, 'tenant'>, scopes: readonly string[]) {
  return must<{ keyId: string; apiKey: string }>('POST', `${system.api}/admin/v1/tenants/${tenant.tenantId}/keys`, {
    headers: { [HEADERS.adminKey]: tenant.adminKey },
    body: { name: 'test', ...(scopes.length > 0 && { scopes }) },
  });
}

async function newGroup({ api }: System, { tenant, users }: Room<'ann' | 'bob'>) {
  const make = (method: string, path: string, body: object) =>
    must<{ groupId: string }>(method, `${api}/v1/user-groups${path}`, { headers: tenant.backEnd, body });
  const { groupId } = await make('POST', '', { name: 'Editors' });
  await make('PATCH', `/${groupId}/members`, { add: [users.ann.userId, users.bob.userId] });
  return { groupId };
}
