/** What is kept about an erased user, table by table. */
import { randomUUID } from 'node:crypto';
import { createUlid } from '@messagecore/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestTenant, type TestTenant } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
});
afterAll(() => house.stop());

/** Columns that hold the id of a user, of tables that have nothing of an erased user. */
const ERASED = [
  'accounts.user_id',
  'bookmarks.user_id',
  'card_actions.actor_id',
  'card_actions.owner_id',
  'device_cursors.user_id',
  'devices.user_id',
  'drafts.user_id',
  'external_identities.user_id',
  'follow_counts.user_id',
  'invitation_links.created_by',
  'invitations.invited_by',
  'invitations.user_id',
  'join_requests.user_id',
  'mentions.user_id',
  'passkeys.user_id',
  'presence_choices.user_id',
  'recovery_codes.user_id',
  'reminders.user_id',
  'scheduled_messages.user_id',
  'scim_former_users.user_id',
  'scim_members.user_id',
  'scim_users.user_id',
  'sign_ins.user_id',
  'thread_members.user_id',
  'user_blocks.blocked_id',
  'user_blocks.user_id',
  'user_follows.followed_id',
  'user_follows.user_id',
  'user_group_members.user_id',
  'user_moves.from_id',
  'user_profiles.user_id',
];

/** Of tables that keep the id alone, and why. */
const KEPT: Readonly<Record<string, string>> = {
  'conversation_bans.banned_by': 'who decided',
  'conversation_bans.user_id': 'ends with the conversation',
  'conversations.created_by': 'what was created stays',
  'dm_pairs.user_a': 'the dm stays with the other one',
  'dm_pairs.user_b': 'the dm stays with the other one',
  'kept_mutes.user_id': 'ends with the conversation',
  'mentions.sender_id': 'others stay mentioned',
  'message_edits.changed_by': 'who decided',
  'messages.sender_id': 'the messages stay',
  'messages_awaiting_reading.sender_id': 'the messages stay',
  'participants.user_id': 'the memberships stay',
  'poll_votes.user_id': 'the votes stay, as the reactions do',
  'reactions.user_id': 'the reactions stay',
  'slow_mode_sends.user_id': 'ends with the conversation',
  'usage_active.user_id': 'counts who was active; forgotten after 62 days',
  'users.id': 'stands for the name',
  'users.merged_into': 'of users who were merged before',
};

/** Ids of something else, or passing through. */
const NO_USERS: ReadonlySet<string> = new Set([
  'api_keys.id',
  'api_keys.replaced_by',
  'card_actions.action_id',
  'invitation_links.id',
  'jobs.lease',
  'leases.holder',
  'message_kinds.version',
  'passkeys.id',
  'outbox_events.about',
  'outbox_events.users',
  'outbox_participants.users',
  'sagas.id',
  'scim_groups.id',
  'scim_members.group_id',
  'sign_ins.id',
  'tenants.id',
  'user_group_members.group_id',
  'user_groups.id',
  ...['tenant_id', 'conversation_id', 'conversation_ids'],
]);

const newMid = createUlid();

test('every column that may name a user is known here', async () => {
  const columns = await database(house)<{ table: string; column: string }[]>`
    select table_name as table, column_name as column from information_schema.columns
    where table_schema = 'public' and udt_name in ('uuid', '_uuid')`;
  const named = columns
    .filter(({ table, column }) => !NO_USERS.has(column) && !NO_USERS.has(`${table}.${column}`))
    .map(({ table, column }) => `${table}.${column}`);
  expect(named.toSorted()).toEqual([...ERASED, ...Object.keys(KEPT)].toSorted());
});

test('[REVK-7] an erasure in progress is seen, and leaves nothing but what stays on purpose', async () => {
  const sql = database(house);
  const [gone, ann] = [
    await tenant.user('gone', { displayName: 'Zacharias', clientId: 'phone' }),
    await tenant.user('ann'),
  ];
  await tenant.backEnd.put('/v1/profile-fields/team', { label: 'Team', type: 'text' });
  await gone.patch('/v1/users/me', { bio: 'Zacharias', status: { text: 'Zacharias' }, fields: { team: 'Zacharias' } });
  const { cid } = (await ann.post('/v1/conversations', { kind: 'dm', participants: [gone.uid] })).body;
  await gone.post(`/v1/conversations/${cid}/messages`, { mid: newMid(), kind: 'text', body: { text: 'stays' } });
  await sql`
    insert into device_cursors (conversation_id, user_id, client_id, tenant_id, acked_seq)
    select ${cid}, ${gone.uid}, 'device ' || n, ${tenant.tid}, 1 from generate_series(1, 1500) n`;
  const mention = { conversation_id: cid, seq: 1, tenant_id: tenant.tid, scope: 'user', created_at: new Date() };
  await sql`insert into mentions ${sql({ ...mention, user_id: gone.uid, sender_id: ann.uid })}`;
  await sql`insert into user_group_members ${sql({ group_id: tenant.tid, user_id: gone.uid, tenant_id: tenant.tid })}`;
  const draft = { body: { kind: 'text', text: 'Zacharias' } };
  expect((await gone.put(`/v1/conversations/${cid}/draft`, draft)).status).toBe(200);
  await gone.put('/v1/users/me/presence', { choice: 'busy' });
  await gone.put(`/v1/users/me/following/${ann.uid}`);
  await ann.put(`/v1/users/me/following/${gone.uid}`);
  const waysIn = { tenant_id: tenant.tid, conversation_id: cid, expires_at: new Date(Date.now() + 3_600_000) };
  await sql`insert into invitations ${sql({ ...waysIn, user_id: gone.uid, message: 'Zacharias' })}`;
  await sql`insert into invitations ${sql({ ...waysIn, user_id: ann.uid, invited_by: gone.uid, message: 'Zacharias' })}`;
  await sql`insert into invitation_links ${sql({ ...waysIn, id: randomUUID(), code_hash: '', created_by: gone.uid })}`;
  await sql`insert into join_requests ${sql({ ...waysIn, user_id: gone.uid, message: 'Zacharias' })}`;
  for (const [actor, owner] of [
    [gone.uid, ann.uid],
    [ann.uid, gone.uid],
  ] as const) {
    await sql`
      insert into card_actions (conversation_id, action_id, tenant_id, seq, actor_id, owner_id, request_key, request_hash,
        element, given, state, answer, created_at)
      values (${cid}, gen_random_uuid(), ${tenant.tid}, 1, ${actor}, ${owner}, 'key', 'hash', 'note',
        '{"value":"Zacharias","inputs":{}}', 'ok', 'Zacharias', now())`;
  }
  const account = { tenant_id: tenant.tid, user_id: gone.uid };
  const later = { at: Date.now() + 3_600_000, cid, seq: 1 };
  await gone.post(`/v1/conversations/${cid}/scheduled`, {
    mid: newMid(),
    kind: 'text',
    body: { text: 'Zacharias' },
    at: later.at,
  });
  await gone.post('/v1/reminders', { reminderId: newMid(), ...later, note: 'Zacharias' });
  await gone.put(`/v1/conversations/${cid}/messages/1/bookmark`, { note: 'Zacharias' });
  await sql`insert into accounts ${sql({ ...account, email: 'zacharias@example.com', password_hash: 'Zacharias', locale: 'en' })}`;
  await sql`insert into recovery_codes ${sql({ ...account, hash: 'Zacharias' })}`;
  await sql`
    insert into passkeys (id, tenant_id, user_id, credential_id, public_key, counter, name)
    values (gen_random_uuid(), ${tenant.tid}, ${gone.uid}, 'Zacharias', 'Zacharias', 0, 'Zacharias')`;
  await sql`
    insert into account_tokens (hash, tenant_id, purpose, email, details, expires_at)
    values ('Zacharias', ${tenant.tid}, 'reset', 'zacharias@example.com', '{}', now() + interval '1 hour')`;
  await sql`
    insert into sign_ins (id, tenant_id, user_id, client_id, generation, rotation, address, expires_at)
    values (gen_random_uuid(), ${tenant.tid}, ${gone.uid}, 'phone', 1, 1, 'Zacharias', now() + interval '1 hour')`;
  const subject = { provider_id: 'company', subject: 'Zacharias' };
  await sql`insert into external_identities ${sql({ ...account, ...subject })}`;
  await sql`
    insert into scim_users (tenant_id, user_id, name_key, attributes, active)
    values (${tenant.tid}, ${gone.uid}, 'Zacharias', '{}', true)`;
  await sql`insert into scim_members ${sql({ ...account, group_id: tenant.tid })}`;
  await sql`insert into scim_former_users ${sql({ ...account, name_key: 'Zacharias', deactivated: true })}`;
  // Many more than one piece of the work, both ways.
  await sql`
    with others as (
      insert into users (id, tenant_id, display_name)
      select gen_random_uuid(), ${tenant.tid}, 'other' from generate_series(1, 2100) returning id
    ), follows as (
      insert into user_follows (user_id, followed_id, tenant_id) select id, ${gone.uid}::uuid, ${tenant.tid}::uuid from others
    ), counts as (
      insert into follow_counts (user_id, tenant_id, following) select id, ${tenant.tid}::uuid, 1 from others
    )
    insert into user_blocks (user_id, blocked_id, tenant_id) select id, ${gone.uid}::uuid, ${tenant.tid}::uuid from others`;
  await sql`update follow_counts set followers = followers + 2100 where user_id = ${gone.uid}`;

  expect((await tenant.backEnd.delete('/v1/users/ext:gone')).status).toBe(204);
  const done = async () => {
    const { items } = (await house.operator.get('/admin/v1/sagas')).body;
    const erasure = items.find(({ subject }: { subject: string }) => subject === `user:${gone.uid}`);
    return erasure.status === 'done' ? erasure : undefined;
  };
  await expect
    .poll(done, { timeout: 60_000 })
    .toMatchObject({ kind: 'erase user', progress: 1_500 + 1 + 2 + 2_102 + 2_100 + 3 + 5 + 3 + 1 + 1 });
  const { items: audited } = (await house.operator.get(`/admin/v1/tenants/${tenant.tid}/audit?limit=100`)).body;
  expect(audited.slice(-2)).toMatchObject([
    { action: 'put_profile_field', target: 'profile-field:team' },
    { action: 'erase_user', target: `user:${gone.uid}` },
  ]);
  for (const name of ERASED) {
    const [table = '', column = ''] = name.split('.');
    expect([name, await sql`select from ${sql(table)} where ${sql(column)} = ${gone.uid}`]).toEqual([name, []]);
  }
  const tables = await sql<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public'`;
  for (const { name } of tables) {
    expect([name, await sql`select from ${sql(name)} as t where t::text like '%Zacharias%'`]).toEqual([name, []]);
  }
  const [left] = await sql`select sum(following)::int as following from follow_counts where tenant_id = ${tenant.tid}`;
  expect(left).toEqual({ following: 0 });
  expect((await ann.get(`/v1/conversations/${cid}/messages`)).body.items).toMatchObject([{ body: { text: 'stays' } }]);
});

test('[EXPR-9] messages that waited until the user has read them wait no more', async () => {
  const [away, eve] = [await tenant.user('away'), await tenant.user('eve')];
  const { cid } = (await eve.post('/v1/conversations', { kind: 'dm', participants: [away.uid] })).body;
  const message = { mid: newMid(), kind: 'text', body: { text: 'unread' }, expiresAfterRead: 3_600 };
  await eve.post(`/v1/conversations/${cid}/messages`, message);
  const noticed = async () =>
    (await database(house)`select from reading_notices where conversation_id = ${cid}`).length;
  await expect.poll(noticed, { timeout: 60_000 }).toBe(0);
  const shown = async () => (await eve.get(`/v1/conversations/${cid}/messages`)).body.items[0];
  expect((await shown()).expiresAt).toBeUndefined();
  expect((await tenant.backEnd.delete('/v1/users/ext:away')).status).toBe(204);
  await expect.poll(shown, { timeout: 60_000 }).toHaveProperty('expiresAt');
});
