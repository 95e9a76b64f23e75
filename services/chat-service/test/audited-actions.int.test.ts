/** What each administrative or security action leaves in the audit log: who, from where, what, before and after (COMP-1). */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer, RestClient } from './client.ts';
import { createTestTenant, type TestUser } from './people.ts';
import { startTestService, type TestService } from './service.ts';

const ADDRESS = { user: '203.0.113.1', backEnd: '203.0.113.2', operator: '203.0.113.3' };
const from = (client: RestClient, who: keyof typeof ADDRESS) => client.with({ 'x-forwarded-for': ADDRESS[who] });

let house: TestService;
beforeAll(async () => {
  // No mail arrives: that one is asked for is recorded all the same.
  const mail = { url: 'smtp://127.0.0.1:9', from: 'tests@example.com' };
  house = await startTestService({ trustedProxies: 1, mail });
});
afterAll(() => house.stop());

const PEOPLE = ['alice', 'bob', 'carol', 'dora'] as const;

/** A tenant whose owner is alice, and a channel of hers with bob and carol. Dora is outside. */
interface Place {
  readonly tid: string;
  readonly cid: string;
  readonly keyId: string;
  readonly uids: Readonly<Record<(typeof PEOPLE)[number], string>>;
  readonly askers: Readonly<Record<Asker, RestClient>>;
}

/** `backEndFor` acts for alice. */
type Asker = 'user' | 'backEnd' | 'backEndFor' | 'operator';

async function newPlace(): Promise<Place> {
  const tenant = await createTestTenant(house);
  await house.operator.patch(`/admin/v1/tenants/${tenant.tid}/settings`, { signUp: { mode: 'invitation' } });
  const users = await Promise.all(PEOPLE.map((name) => tenant.user(name, { clientId: 'phone' })));
  const uids = Object.fromEntries(PEOPLE.map((name, n) => [name, users[n]?.uid])) as Place['uids'];
  const [alice] = users as [TestUser];
  await tenant.backEnd.patch(`/v1/users/${uids.alice}`, { role: 'owner' });
  const room = { kind: 'private', name: 'Room', participants: [uids.bob, uids.carol] };
  const made = await alice.post('/v1/conversations', room);
  const keys = await house.operator.get(`/admin/v1/tenants/${tenant.tid}/keys`);
  const backEnd = from(tenant.backEnd, 'backEnd');
  const askers = {
    ...{ user: from(alice, 'user'), operator: from(house.operator, 'operator') },
    ...{ backEnd, backEndFor: backEnd.with({ 'x-on-behalf-of': uids.alice }) },
  };
  return { tid: tenant.tid, cid: made.body.cid, keyId: keys.body.items[0].keyId, uids, askers };
}

/** What a row says besides who asked, and from where. */
interface Row {
  readonly action: string;
  readonly target: string;
  readonly before: object | null;
  readonly after: object | null;
}

interface Case {
  readonly name: string;
  readonly by: readonly Asker[];
  /** Goes before, unless it is left out; its rows are not looked at. */
  readonly given?: (place: Place) => Promise<Answer>;
  readonly ask: (client: RestClient, place: Place) => Promise<Answer>;
  readonly rows: (place: Place) => readonly Row[];
}

const ANYBODY: readonly Asker[] = ['user', 'backEnd', 'backEndFor'];
const conversation = ({ cid }: Place) => `/v1/conversations/${cid}`;
const participant = (place: Place, uid: string) => `${conversation(place)}/participants/${uid}`;
const ban = (place: Place, uid: string) => `${conversation(place)}/bans/${uid}`;
const toUser = (uid: string, action: string, before: object | null, after: object | null): Row => ({
  ...{ action, target: `user:${uid}`, before, after },
});
const role = ({ cid }: Place, uid: string, before: string | null, after: string) =>
  toUser(uid, 'give_role', { role: before }, { cid, role: after });
const rules = (change: object, before: object): Omit<Case, 'name'> => ({
  by: ANYBODY,
  ask: (client, place) => client.patch(conversation(place), { name: 'Other', ...change }),
  rows: ({ cid }) => [
    { action: 'update_conversation', target: `conversation:${cid}`, before, after: { cid, ...change } },
  ],
});
const PARROT = { image: 'https://example.org/parrot.png' };
const CREW = { name: 'Crew' };
const GROUP_TARGET = expect.stringMatching(/^user-group:[\da-f-]{36}$/) as string;
const ofGroup = (
  name: string,
  ask: (client: RestClient, path: string, place: Place) => Promise<Answer>,
  row: (place: Place) => Omit<Row, 'target'>,
): Case => ({
  ...{ name, by: ANYBODY, given: ({ askers }) => askers.backEnd.post('/v1/user-groups', CREW) },
  ask: async (client, place) => {
    const [{ groupId }] = (await client.get('/v1/user-groups')).body.items;
    return ask(client, `/v1/user-groups/${groupId}`, place);
  },
  rows: (place) => [{ ...row(place), target: GROUP_TARGET }],
});
const TEAM = { label: 'Team', type: 'text', visibleTo: 'everyone' };
const askToJoin = ({ cid, askers, uids }: Place) =>
  askers.backEnd.with({ 'x-on-behalf-of': uids.dora }).post(`/v1/conversations/${cid}/join-requests`, {});
const putTeam = (client: RestClient) => client.put('/v1/profile-fields/team', TEAM);

const CASES: readonly Case[] = [
  {
    name: 'ban a participant',
    by: ANYBODY,
    ask: (client, place) => client.put(ban(place, place.uids.bob), { reason: 'spam' }),
    rows: ({ cid, uids }) => [toUser(uids.bob, 'ban', { role: 'member' }, { cid, until: null, reason: 'spam' })],
  },
  {
    name: 'ban an outsider',
    by: ANYBODY,
    ask: (client, place) => client.put(ban(place, place.uids.dora), {}),
    rows: ({ cid, uids }) => [toUser(uids.dora, 'ban', { role: null }, { cid, until: null })],
  },
  {
    name: 'lift a ban',
    by: ANYBODY,
    given: (place) => place.askers.user.put(ban(place, place.uids.dora), { until: 9e12, reason: 'spam' }),
    ask: (client, place) => client.delete(ban(place, place.uids.dora)),
    rows: ({ cid, uids }) => [toUser(uids.dora, 'lift_ban', { until: 9e12, reason: 'spam' }, { cid })],
  },
  {
    name: 'mute',
    by: ANYBODY,
    ask: (client, place) => client.patch(participant(place, place.uids.bob), { mutedUntil: 9e12, muteReason: 'loud' }),
    rows: ({ cid, uids }) => [toUser(uids.bob, 'mute', { muted: false }, { cid, mutedUntil: 9e12, reason: 'loud' })],
  },
  {
    name: 'remove a participant',
    by: ANYBODY,
    ask: (client, place) => client.delete(participant(place, place.uids.bob)),
    rows: ({ cid, uids }) => [toUser(uids.bob, 'remove_participant', { role: 'member' }, { cid })],
  },
  {
    name: 'remove the owner',
    by: ['backEnd'],
    given: (place) => place.askers.user.patch(participant(place, place.uids.carol), { role: 'admin' }),
    ask: (client, place) => client.delete(participant(place, place.uids.alice)),
    rows: (place) => [
      toUser(place.uids.alice, 'remove_participant', { role: 'owner' }, { cid: place.cid }),
      role(place, place.uids.carol, 'admin', 'owner'),
    ],
  },
  {
    name: 'leave as the owner',
    by: ['user', 'backEndFor'],
    given: (place) => place.askers.user.patch(participant(place, place.uids.carol), { role: 'admin' }),
    ask: (client, place) => client.post(`${conversation(place)}/leave`),
    rows: (place) => [role(place, place.uids.carol, 'admin', 'owner')],
  },
  {
    name: 'add an admin',
    by: ANYBODY,
    ask: (client, place) =>
      client.post(`${conversation(place)}/participants`, { users: [place.uids.dora], role: 'admin' }),
    rows: (place) => [role(place, place.uids.dora, null, 'admin')],
  },
  {
    name: 'demote an admin',
    by: ANYBODY,
    given: (place) => place.askers.user.patch(participant(place, place.uids.bob), { role: 'admin' }),
    ask: (client, place) => client.patch(participant(place, place.uids.bob), { role: 'member' }),
    rows: (place) => [role(place, place.uids.bob, 'admin', 'member')],
  },
  {
    name: 'make somebody else the owner',
    by: ANYBODY,
    ask: (client, place) => client.patch(participant(place, place.uids.bob), { role: 'owner' }),
    rows: (place) => [role(place, place.uids.alice, 'owner', 'admin'), role(place, place.uids.bob, 'member', 'owner')],
  },
  { name: 'archive', ...rules({ archived: true }, { archived: false }) },
  { name: 'say who posts', ...rules({ posting: 'admins' }, { posting: 'all' }) },
  { name: 'set slow mode', ...rules({ slowSeconds: 30 }, { slowSeconds: 0 }) },
  { name: 'say what newcomers see', ...rules({ history: 'since_joining' }, { history: 'all' }) },
  {
    name: 'delete a conversation',
    by: ANYBODY,
    ask: (client, place) => client.delete(conversation(place)),
    rows: ({ cid }) => [
      {
        ...{ action: 'delete_conversation', target: `conversation:${cid}` },
        ...{ before: { kind: 'private', archived: false }, after: { cid } },
      },
    ],
  },
  {
    name: 'revoke a device',
    by: ['user', 'backEndFor'],
    ask: (client) => client.delete('/v1/devices/tablet'),
    rows: ({ uids: { alice: userId } }) => [
      {
        ...{ action: 'revoke_device', target: 'device:tablet' },
        ...{ before: { userId }, after: { userId, generation: expect.any(Number) } },
      },
    ],
  },
  {
    name: 'revoke all devices',
    by: ['user', 'backEndFor'],
    ask: (client) => client.delete('/v1/devices'),
    rows: ({ uids }) => [
      toUser(
        ...([uids.alice, 'revoke_all_devices'] as const),
        ...([{ generation: expect.any(Number) }, { generation: expect.any(Number) }] as const),
      ),
    ],
  },
  {
    name: 'give a role in the tenant',
    by: ANYBODY,
    ask: (client, { uids }) => client.patch(`/v1/users/${uids.bob}`, { role: 'moderator' }),
    rows: ({ uids }) => [toUser(uids.bob, 'give_tenant_role', { role: 'member' }, { role: 'moderator' })],
  },
  {
    name: 'deactivate',
    by: ['backEnd'],
    ask: (client, { uids }) => client.patch(`/v1/users/${uids.bob}`, { deactivated: true }),
    rows: ({ uids }) => [toUser(uids.bob, 'deactivate_user', { status: 'active' }, { status: 'deactivated' })],
  },
  {
    name: 'let in again',
    by: ['backEnd'],
    given: ({ askers, uids }) => askers.backEnd.patch(`/v1/users/${uids.bob}`, { deactivated: true }),
    ask: (client, { uids }) => client.patch(`/v1/users/${uids.bob}`, { deactivated: false }),
    rows: ({ uids }) => [toUser(uids.bob, 'reactivate_user', { status: 'deactivated' }, { status: 'active' })],
  },
  {
    name: 'erase',
    by: ['backEnd'],
    ask: (client, { uids }) => client.delete(`/v1/users/${uids.bob}`),
    rows: ({ uids }) => [toUser(uids.bob, 'erase_user', null, { status: 'deleted' })],
  },
  {
    name: 'merge',
    by: ['backEnd'],
    ask: (client, { uids }) => client.post(`/v1/users/${uids.bob}/merge`, { into: uids.carol }),
    rows: ({ uids }) => [toUser(uids.bob, 'merge_user', { status: 'active' }, { into: uids.carol })],
  },
  {
    name: 'create a user by a token',
    by: ['backEnd'],
    ask: (client) => client.post('/v1/tokens', { user: 'ext:erin', displayName: 'Erin', clientId: 'phone' }),
    rows: () => [
      { ...{ action: 'create_user', target: expect.stringMatching(/^user:/) }, ...{ before: null, after: null } },
    ],
  },
  {
    name: 'make tokens for a member',
    by: ['backEnd'],
    ask: (client) => client.post('/v1/tokens', { user: 'ext:bob', clientId: 'phone' }),
    rows: () => [],
  },
  {
    name: 'rename by a token',
    by: ['backEnd'],
    ask: (client) => client.post('/v1/tokens', { user: 'ext:bob', displayName: 'Robert' }),
    rows: ({ uids }) => [toUser(uids.bob, 'update_user', null, null)],
  },
  {
    name: 'make a token for an owner',
    by: ['backEnd'],
    ask: (client, { uids }) => client.post('/v1/tokens', { user: uids.alice }),
    rows: ({ uids }) => [toUser(uids.alice, 'mint_token', null, null)],
  },
  {
    name: 'make a token for an admin, of a device',
    by: ['backEnd'],
    given: ({ askers, uids }) => askers.backEnd.patch(`/v1/users/${uids.bob}`, { role: 'admin' }),
    ask: (client) => client.post('/v1/tokens', { user: 'ext:bob', clientId: 'phone' }),
    rows: ({ uids }) => [toUser(uids.bob, 'mint_token', null, { clientId: 'phone' })],
  },
  {
    name: 'change the name of another',
    by: ['backEnd'],
    ask: (client, { uids }) => client.patch(`/v1/users/${uids.bob}`, { displayName: 'Robert' }),
    rows: ({ uids }) => [toUser(uids.bob, 'update_user', null, null)],
  },
  {
    name: 'change the profile of another, and its role',
    by: ['backEnd'],
    ask: (client, { uids }) => client.patch(`/v1/users/${uids.bob}`, { bio: 'Harbour', role: 'moderator' }),
    rows: ({ uids }) => [
      toUser(uids.bob, 'give_tenant_role', { role: 'member' }, { role: 'moderator' }),
      toUser(uids.bob, 'update_user', null, null),
    ],
  },
  {
    name: 'say of another what is so already',
    by: ['backEnd'],
    given: ({ askers, uids }) => askers.backEnd.patch(`/v1/users/${uids.bob}`, { displayName: 'Bo', bio: 'Harbour' }),
    ask: (client, { uids }) => client.patch(`/v1/users/${uids.bob}`, { displayName: 'Bo', bio: 'Harbour' }),
    rows: () => [],
  },
  {
    name: "change one's own profile",
    by: ['user', 'backEndFor'],
    ask: (client) => client.patch('/v1/users/me', { displayName: 'Al', bio: 'Harbour' }),
    rows: () => [],
  },
  {
    name: 'put a profile field',
    by: ANYBODY,
    given: ({ askers }) => putTeam(askers.backEnd),
    ask: (client) => client.put('/v1/profile-fields/team', { ...TEAM, visibleTo: 'self' }),
    rows: () => [
      {
        ...{ action: 'put_profile_field', target: 'profile-field:team' },
        ...{ before: TEAM, after: { ...TEAM, visibleTo: 'self' } },
      },
    ],
  },
  {
    name: 'delete a profile field',
    by: ANYBODY,
    given: ({ askers }) => putTeam(askers.backEnd),
    ask: (client) => client.delete('/v1/profile-fields/team'),
    rows: () => [{ action: 'delete_profile_field', target: 'profile-field:team', before: TEAM, after: null }],
  },
  {
    name: 'put an emoji',
    by: ANYBODY,
    ask: (client) => client.put('/v1/emojis/parrot', PARROT),
    rows: () => [{ action: 'put_emoji', target: 'emoji:parrot', before: null, after: PARROT }],
  },
  {
    name: 'delete an emoji',
    by: ANYBODY,
    given: ({ askers }) => askers.backEnd.put('/v1/emojis/parrot', PARROT),
    ask: (client) => client.delete('/v1/emojis/parrot'),
    rows: () => [{ action: 'delete_emoji', target: 'emoji:parrot', before: PARROT, after: null }],
  },
  ofGroup(
    'change who belongs to a group of users',
    (client, path, { uids }) => client.patch(`${path}/members`, { add: [uids.bob, uids.bob], remove: [uids.carol] }),
    ({ uids }) => ({ action: 'change_user_group', before: null, after: { added: [uids.bob], removed: [] } }),
  ),
  ofGroup(
    'delete a group of users',
    (client, path) => client.delete(path),
    () => ({ action: 'delete_user_group', before: CREW, after: null }),
  ),
  {
    name: 'invite to have an account',
    by: ANYBODY,
    ask: (client) => client.post('/v1/auth/invitations', { email: 'eve@example.com', locale: 'en' }),
    rows: () => [
      {
        ...{ action: 'invite_account', target: expect.stringMatching(/^account:[\da-f]{32}$/) },
        ...{ before: null, after: { role: 'member' } },
      },
    ],
  },
  {
    name: 'approve a request to join',
    by: ANYBODY,
    given: askToJoin,
    ask: (client, place) => client.post(`${conversation(place)}/join-requests/${place.uids.dora}/approve`),
    rows: ({ cid, uids }) => [toUser(uids.dora, 'approve_join_request', null, { cid })],
  },
  {
    name: 'reject a request to join',
    by: ANYBODY,
    given: askToJoin,
    ask: (client, place) => client.post(`${conversation(place)}/join-requests/${place.uids.dora}/reject`),
    rows: ({ cid, uids }) => [toUser(uids.dora, 'reject_join_request', null, { cid })],
  },
  {
    name: 'revoke an invitation by somebody else',
    by: ANYBODY,
    given: ({ askers, cid, uids }) =>
      askers.backEnd.post(`/v1/conversations/${cid}/invitations`, { users: [uids.dora] }),
    ask: (client, place) => client.delete(`${conversation(place)}/invitations/${place.uids.dora}`),
    rows: ({ cid, uids }) => [toUser(uids.dora, 'revoke_invitation', null, { cid })],
  },
  {
    name: 'make a link',
    by: ANYBODY,
    ask: (client, place) => client.post(`${conversation(place)}/links`, { ttlSeconds: 600, maxUses: 3 }),
    rows: ({ cid }) => [
      {
        ...{ action: 'create_invitation_link', target: expect.stringMatching(/^invitation-link:/), before: null },
        after: { cid, expiresAt: expect.any(Number), maxUses: 3, uses: 0 },
      },
    ],
  },
  {
    name: 'add a default channel',
    by: ANYBODY,
    given: (place) => place.askers.user.post('/v1/conversations', { kind: 'public', name: 'Hall', participants: [] }),
    ask: async (client, place) => {
      const { body } = await place.askers.user.get('/v1/conversations');
      const hall = body.items.find(({ kind }: { kind: string }) => kind === 'public');
      return client.put(`/v1/default-channels/${hall.cid}`);
    },
    rows: () => [
      {
        ...{ action: 'add_default_channel', target: expect.stringMatching(/^conversation:/) },
        ...{ before: null, after: null },
      },
    ],
  },
  {
    name: 'change the tenant',
    by: ANYBODY,
    ask: (client) => client.patch('/v1/tenant', { name: 'Other' }),
    rows: ({ tid }) => [
      {
        ...{ action: 'update_tenant', target: `tenant:${tid}` },
        ...{ before: { name: expect.any(String), subdomain: expect.any(String), plan: 'enterprise', limits: {} } },
        after: { name: 'Other' },
      },
    ],
  },
  {
    name: 'suspend a tenant',
    by: ['operator'],
    ask: (client, { tid }) => client.post(`/admin/v1/tenants/${tid}/suspend`),
    rows: ({ tid }) => [
      {
        ...{ action: 'suspend_tenant', target: `tenant:${tid}` },
        ...{ before: { status: 'active' }, after: { status: 'suspended' } },
      },
    ],
  },
  {
    name: 'revoke a key',
    by: ['operator'],
    ask: (client, { tid, keyId }) => client.delete(`/admin/v1/tenants/${tid}/keys/${keyId}`),
    rows: ({ keyId }) => [
      {
        ...{ action: 'revoke_api_key', target: `api-key:${keyId}` },
        ...{ before: { name: 'default', scopes: expect.any(Array) }, after: null },
      },
    ],
  },
];

const log = async ({ tid }: Place) => (await house.operator.get(`/admin/v1/tenants/${tid}/audit?limit=100`)).body.items;

function whoOf({ uids, keyId }: Place, by: Asker) {
  if (by === 'operator') return { actor: 'operator', address: ADDRESS.operator };
  if (by === 'user') return { actor: `user:${uids.alice}`, address: ADDRESS.user };
  return { actor: `backend:${keyId}`, address: ADDRESS.backEnd };
}

test.each(CASES.flatMap((each) => each.by.map((by) => [each.name, by, each] as const)))(
  '[COMP-1] %s, asked by the %s',
  async (_, by, { given, ask, rows }) => {
    const place = await newPlace();
    if (given !== undefined) expect((await given(place)).status).toBeLessThan(300);
    const before = (await log(place)).length;
    const { status, text } = await ask(place.askers[by], place);
    expect([status < 300, text]).toEqual([true, text]);
    const who = whoOf(place, by);
    const expected = rows(place).map(({ after, ...row }) => ({
      ...{ ...who, ...row },
      after: by === 'backEndFor' ? { ...after, onBehalfOf: place.uids.alice } : after,
    }));
    const told = (await log(place)).slice(before);
    const seen = told.map(({ actor, address, action, target, before, after }: Record<string, unknown>) => ({
      ...{ actor, address, action, target, before, after },
    }));
    expect(seen).toEqual(expected);
  },
);

test('[COMP-1] who is invited is named by what nobody computes from the address alone', async () => {
  const email = 'frank@example.com';
  const [one, other] = [await newPlace(), await newPlace()];
  for (const { askers } of [one, other]) await askers.backEnd.post('/v1/auth/invitations', { email, locale: 'en' });
  const rows = [...(await log(one)), ...(await log(other))];
  const targets = rows.filter(({ action }) => action === 'invite_account').map(({ target }) => target);
  expect(new Set(targets).size).toBe(2);
  const guess = createHash('sha256').update(email).digest('hex').slice(0, 32);
  expect(JSON.stringify(targets)).not.toContain(guess);
});
