/** Channels to which every user of a tenant is added. */
import { LIMITS } from '@messagecore/protocol';
import type postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readAudit } from '../src/platform/audit/audit-log.ts';
import type { Sql } from '../src/platform/database/connect.ts';
import { lockWaits } from './locks.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let sql: postgres.Sql;
let tenant: TestTenant;
let ann: TestUser;

beforeAll(async () => {
  house = await startTestService();
  sql = house.sql();
});
afterAll(() => house.stop());
beforeEach(async () => {
  tenant = await createTestTenant(house);
  ann = await tenant.user('ann');
});

async function newChannel(kind = 'public'): Promise<string> {
  const { body } = await ann.post('/v1/conversations', { kind, name: 'everybody' });
  return body.cid;
}
const add = (user: TestUser | TestTenant['backEnd'], cid: string) => user.call('PUT', `/v1/default-channels/${cid}`);
async function membersOf(cid: string): Promise<string[]> {
  const rows = await sql<{ uid: string }[]>`select user_id as uid from participants where conversation_id = ${cid}`;
  return rows.map(({ uid }) => uid);
}
const untilIn = (cid: string, users: readonly { uid: string }[]) =>
  vi.waitUntil(async () => {
    const members = await membersOf(cid);
    return users.every(({ uid }) => members.includes(uid));
  }, 60_000);
const withRole = (user: TestUser, role: string) => sql`update users set role = ${role} where id = ${user.uid}`;

test('[CONV-4] present users are added in pieces, and every one who comes; no guests and bots, nobody who is banned', async () => {
  const cid = await newChannel();
  const [bob, guest, bot, banned] = await tenant.users('bob', 'guest', 'bot', 'banned');
  await withRole(guest!, 'guest');
  await withRole(bot!, 'bot');
  const ban = { conversation_id: cid, user_id: banned!.uid, tenant_id: tenant.tid, banned_by: ann.uid };
  await sql`insert into conversation_bans ${sql(ban)}`;
  await sql`
    insert into users (id, tenant_id, display_name)
    select gen_random_uuid(), ${tenant.tid}, 'somebody' from generate_series(1, 450)`;
  const { status, body } = await add(tenant.backEnd, cid);
  expect([status, body.conversation.cid]).toEqual([200, cid]);
  await vi.waitUntil(async () => (await membersOf(cid)).length === 452, 60_000);
  const late = await tenant.user('late');
  await untilIn(cid, [bob!, late]);
  const members = await membersOf(cid);
  expect(members).toHaveLength(453);
  for (const { uid } of [guest!, bot!, banned!]) expect(members).not.toContain(uid);
  const { body: page } = await ann.get(`/v1/conversations/${cid}/messages`);
  const said = page.items.map((item: { body: { event: string; users: string[] } }) => item.body);
  expect(said.map(({ event }: { event: string }) => event)).toEqual(['added', 'added', 'added', 'added']);
});

test('[CONV-4] no transaction of a job waits while somebody else holds the channel', async () => {
  const [cid, bob] = [await newChannel(), await tenant.user('bob')];
  const other = house.sql();
  const [late, open] = await other.begin(async (tx) => {
    await tx`select from conversations where conversation_id = ${cid} for no key update`;
    expect((await add(tenant.backEnd, cid)).status).toBe(200);
    const cy = await tenant.user('cy');
    await vi.waitUntil(async () => (await lockWaits(sql)) > 0, 60_000);
    // The job for who was there, and the one for who has come: neither is being deleted.
    return [cy, await sql`select kind from jobs where tenant_id = ${tenant.tid} for update skip locked`];
  });
  expect(open).toHaveLength(2);
  await untilIn(cid, [bob, late]);
});

test('[CONV-4] a channel that is none any more gets nobody; who takes part stays', async () => {
  const cid = await newChannel();
  await add(tenant.backEnd, cid);
  const bob = await tenant.user('bob');
  await untilIn(cid, [bob]);
  expect((await tenant.backEnd.delete(`/v1/default-channels/${cid}`)).status).toBe(204);
  expect((await tenant.backEnd.delete(`/v1/default-channels/${cid}`)).body.code).toBe('not_found');
  const other = await newChannel('private');
  await add(tenant.backEnd, other);
  const cy = await tenant.user('cy');
  await untilIn(other, [cy, bob]);
  expect((await membersOf(cid)).toSorted()).toEqual([ann.uid, bob.uid].toSorted());
});

test('[CONV-4] a guest who is made a member is added, and somebody who is let in again', async () => {
  const [guest, gone] = [await tenant.user('guest'), await tenant.user('gone')];
  await tenant.backEnd.patch(`/v1/users/${guest.uid}`, { role: 'guest' });
  await tenant.backEnd.patch(`/v1/users/${gone.uid}`, { deactivated: true });
  const cid = await newChannel();
  await add(tenant.backEnd, cid);
  const late = await tenant.user('late');
  await untilIn(cid, [late]);
  for (const { uid } of [guest, gone]) expect(await membersOf(cid)).not.toContain(uid);
  await tenant.backEnd.patch(`/v1/users/${guest.uid}`, { role: 'member' });
  await tenant.backEnd.patch(`/v1/users/${gone.uid}`, { deactivated: false });
  await untilIn(cid, [guest, gone]);
});

/** Jobs that failed in all their attempts, and those that wait for another one. */
const failed = () =>
  sql`select kind, payload, last_error from jobs where tenant_id = ${tenant.tid} and (dead or attempts > 1)`;

test('[CONV-4] a channel that is deleted before its users are added leaves no job behind', async () => {
  const cid = await newChannel();
  await sql`update conversations set deleted_at = now() where conversation_id = ${cid}`;
  await sql`insert into default_channels (tenant_id, conversation_id) values (${tenant.tid}, ${cid})`;
  const payload = JSON.stringify({ cid, after: null });
  await sql`
    insert into jobs (tenant_id, kind, payload, ready)
    values (${tenant.tid}, 'add present users to default channel', ${payload}::text::jsonb, true)`;
  await vi.waitUntil(async () => {
    expect(await failed()).toEqual([]);
    return (await sql`select from jobs where tenant_id = ${tenant.tid} and kind like 'add present%'`).length === 0;
  }, 60_000);
});

test('[CONV-4] a deleted channel is passed over', async () => {
  const [gone, stays] = [await newChannel(), await newChannel()];
  await add(tenant.backEnd, gone);
  await add(tenant.backEnd, stays);
  await ann.delete(`/v1/conversations/${gone}`);
  const bob = await tenant.user('bob');
  await untilIn(stays, [bob]);
  const { body } = await tenant.backEnd.get('/v1/default-channels');
  expect(body.items).toMatchObject([{ conversation: { cid: stays, name: 'everybody' } }]);
  expect(await failed()).toEqual([]);
});

test('[CONV-4] the operator decides too, which is written down', async () => {
  const cid = await newChannel();
  const of = `/admin/v1/tenants/${tenant.tid}/default-channels`;
  expect((await house.operator.call('PUT', `${of}/${cid}`)).body.conversation.cid).toBe(cid);
  expect((await house.operator.get(of)).body.items).toHaveLength(1);
  const bob = await tenant.user('bob');
  await untilIn(cid, [bob]);
  expect((await house.operator.delete(`${of}/${cid}`)).status).toBe(204);
  expect((await house.operator.delete(`${of}/${cid}`)).status).toBe(404);
  const other = await createTestTenant(house);
  const foreign = await house.operator.call('PUT', `/admin/v1/tenants/${other.tid}/default-channels/${cid}`);
  expect(foreign.body.code).toBe('not_found');
  const entries = await readAudit(sql as unknown as Sql, tenant.tid, 0, 1_000);
  expect(entries.filter(({ target }) => target === `conversation:${cid}`)).toMatchObject([
    { action: 'add_default_channel', actor: 'operator' },
    { action: 'remove_default_channel', actor: 'operator' },
  ]);
});

test('[CONV-5] the back end and who administers the tenant decide; channels only, and not many', async () => {
  const cid = await newChannel();
  expect((await add(ann, cid)).body.code).toBe('forbidden');
  expect((await ann.get('/v1/default-channels')).body.code).toBe('forbidden');
  const bob = await tenant.user('bob');
  await withRole(bob, 'admin');
  expect((await add(bob, cid)).status).toBe(200);
  expect((await bob.get('/v1/default-channels')).body.items).toHaveLength(1);
  await tenant.user('cy');
  const { body: group } = await ann.post('/v1/conversations', { kind: 'group', participants: ['ext:bob', 'ext:cy'] });
  expect((await add(bob, group.cid)).body.code).toBe('conflict');
  const eve = await createTestTenant(house);
  expect((await add(eve.backEnd, cid)).body.code).toBe('not_found');
  expect((await eve.backEnd.delete(`/v1/default-channels/${cid}`)).body.code).toBe('not_found');
  const others = await Promise.all(Array.from({ length: LIMITS.defaultChannels + 2 }, () => newChannel()));
  const answers = await Promise.all(others.map((each) => add(tenant.backEnd, each)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(LIMITS.defaultChannels - 1);
  expect(answers.filter(({ body }) => body.code === 'too_large')).toHaveLength(3);
  const entries = await readAudit(sql as unknown as Sql, tenant.tid, 0, 1_000);
  expect(entries.filter(({ action }) => action === 'add_default_channel')[0]).toMatchObject({
    actor: `user:${bob.uid}`,
    target: `conversation:${cid}`,
  });
});
