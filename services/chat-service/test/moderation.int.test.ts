/** Bans and mutes with their reasons, who posts, slow mode as it is set, and roles in the tenant. */
import { createUlid } from '@messagecore/kernel';
import { subjects } from '@messagecore/protocol/bus';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { listen } from './listen.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { startTestService, type TestService } from './service.ts';

const newMid = createUlid();
const HOUR = 3_600_000;

let house: TestService;
let tenant: TestTenant;
let alice: TestUser;
let bob: TestUser;
let carol: TestUser;

beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
  [alice, bob, carol] = (await tenant.users('alice', 'bob', 'carol')) as [...[TestUser, TestUser, TestUser]];
});
afterAll(() => house.stop());

async function open(kind: 'private' | 'public', ...participants: string[]): Promise<string> {
  const { body } = await alice.post('/v1/conversations', { kind, name: 'Room', participants });
  return body.cid;
}

const say = (user: TestUser, cid: string, mid = newMid()) =>
  user.post(`/v1/conversations/${cid}/messages`, { mid, kind: 'text', body: { text: 'hello' } });

/** Actions of the tenant's log, with what they were done to. */
async function logged(about: string): Promise<string[]> {
  const sql = house.sql();
  onTestFinished(() => sql.end());
  const rows = await sql<{ action: string; actor: string; target: string }[]>`
    select action, actor, target from audit_log where tenant_id = ${tenant.tid} and target = ${about} order by seq`;
  return rows.map(({ action, actor }) => `${action} by ${actor}`);
}

describe('[PERM-10] bans', () => {
  test('of the ban of an outsider, and of its end, nobody in the conversation hears', async () => {
    const outsider = await tenant.user('outsider');
    const cid = await open('public', 'ext:carol');
    const heard = await listen(house, subjects.conversation(tenant.tid, cid, 'event'));
    expect((await alice.put(`/v1/conversations/${cid}/bans/ext:outsider`, {})).status).toBe(200);
    expect((await alice.delete(`/v1/conversations/${cid}/bans/ext:outsider`)).status).toBe(204);
    expect((await outsider.post(`/v1/conversations/${cid}/join`)).status).toBe(200);
    await vi.waitUntil(() => heard.some(({ event }) => event === 'added'), 60_000);
    expect(heard).toMatchObject([{ event: 'added' }]);
  });

  test('one who takes part is removed and does not come back until the ban is lifted', async () => {
    const cid = await open('public', 'ext:bob');
    const bans = `/v1/conversations/${cid}/bans`;
    const banned = await alice.put(`${bans}/ext:bob`, { reason: 'spam' });
    expect(banned.status).toBe(200);
    expect(banned.body).toMatchObject({ userId: bob.uid, bannedBy: alice.uid, until: null, reason: 'spam' });
    expect((await say(bob, cid)).body.code).toBe('not_member');
    expect((await bob.post(`/v1/conversations/${cid}/join`)).body.code).toBe('forbidden');
    const add = { users: ['ext:bob'] };
    expect((await alice.post(`/v1/conversations/${cid}/participants`, add)).body.code).toBe('forbidden');
    expect((await alice.get(bans)).body).toMatchObject({ items: [{ userId: bob.uid, reason: 'spam' }], next: null });
    expect((await bob.get(bans)).body.code).toBe('not_member');
    expect((await alice.delete(`${bans}/ext:bob`)).status).toBe(204);
    expect((await alice.delete(`${bans}/ext:bob`)).body.code).toBe('not_found');
    expect((await bob.post(`/v1/conversations/${cid}/join`)).status).toBe(200);
    expect(await logged(`user:${bob.uid}`)).toEqual([
      expect.stringMatching(/^create_user by backend:/),
      ...[`ban by user:${alice.uid}`, `lift_ban by user:${alice.uid}`],
    ]);
    const { body } = await alice.get(`/v1/conversations/${cid}/messages`);
    const events = body.items.map((item: { body: { event: string } }) => item.body.event);
    expect(events).toEqual(['banned', 'joined']);
  });

  test('for a time, and of somebody who is not there; a ban that is over is not listed', async () => {
    const cid = await open('public');
    const bans = `/v1/conversations/${cid}/bans`;
    const until = Date.now() + HOUR;
    const ban = await tenant.backEnd.put(`${bans}/ext:carol`, { until });
    expect(ban.body).toMatchObject({ userId: carol.uid, bannedBy: null, until, reason: null });
    expect((await carol.post(`/v1/conversations/${cid}/join`)).body.code).toBe('forbidden');
    await tenant.backEnd.put(`${bans}/ext:carol`, { until: Date.now() - 1 });
    expect((await alice.get(bans)).body.items).toEqual([]);
    expect((await carol.post(`/v1/conversations/${cid}/join`)).status).toBe(200);
    expect((await alice.put(`${bans}/ext:alice`, {})).body.code).toBe('forbidden');
  });
});

test('[PERM-10] the reason of a mute is for those who mute, and for the muted', async () => {
  const cid = await open('private', 'ext:bob', 'ext:carol');
  const path = `/v1/conversations/${cid}/participants`;
  const mute = { mutedUntil: Date.now() + HOUR, muteReason: 'noise' };
  expect((await alice.patch(`${path}/ext:bob`, mute)).body).toMatchObject(mute);
  const reasonFor = async (user: TestUser) => {
    const { body } = await user.get(path);
    return body.items.find((item: { userId: string }) => item.userId === bob.uid).muteReason;
  };
  expect(await Promise.all([alice, bob, carol].map(reasonFor))).toEqual(['noise', 'noise', null]);
  await bob.post(`/v1/conversations/${cid}/leave`);
  await alice.post(path, { users: ['ext:bob'] });
  expect(await reasonFor(bob)).toBe('noise');
  const free = await alice.patch(`${path}/ext:bob`, { mutedUntil: null });
  expect(free.body).toMatchObject({ mutedUntil: null, muteReason: null });
  expect((await alice.patch(`${path}/ext:bob`, { muteReason: 'alone' })).status).toBe(400);
});

test('[PERM-2] [PERM-10] a moderator or admin of the tenant lifts no mute and no ban of their own', async () => {
  for (const role of ['moderator', 'admin']) {
    const user = await tenant.user(`lifting-${role}`);
    await tenant.backEnd.patch(`/v1/users/${user.uid}`, { role });
    const cid = await open('public', user.uid);
    const own = `/v1/conversations/${cid}/participants/${user.uid}`;
    expect((await alice.patch(own, { mutedUntil: Date.now() + HOUR })).status).toBe(200);
    expect((await user.patch(own, { mutedUntil: null })).body.code).toBe('forbidden');
    const ban = `/v1/conversations/${cid}/bans/${user.uid}`;
    expect((await alice.put(ban, {})).status).toBe(200);
    expect((await user.delete(ban)).body.code).toBe('forbidden');
    expect((await tenant.backEnd.delete(ban)).status).toBe(204);
    await alice.put(ban, {});
    expect((await alice.delete(ban)).status).toBe(204);
  }
});

test('[PERM-8] where only admins post, from the change on', async () => {
  const cid = await open('public', 'ext:bob');
  const sent = await say(bob, cid);
  expect((await bob.patch(`/v1/conversations/${cid}`, { posting: 'admins' })).body.code).toBe('forbidden');
  expect((await alice.patch(`/v1/conversations/${cid}`, { posting: 'admins' })).body.posting).toBe('admins');
  expect((await say(bob, cid)).body).toMatchObject({ code: 'forbidden' });
  const edit = { body: { text: 'instead' } };
  expect((await bob.patch(`/v1/conversations/${cid}/messages/${sent.body.seq}`, edit)).body.code).toBe('forbidden');
  expect((await say(alice, cid)).status).toBe(201);
  await alice.patch(`/v1/conversations/${cid}`, { posting: 'all' });
  expect((await say(bob, cid)).status).toBe(201);
});

test('[PERM-9] slow mode as it is set: the wait is told, a repeat is answered, admins do not wait', async () => {
  const cid = await open('public', 'ext:bob');
  expect((await alice.patch(`/v1/conversations/${cid}`, { slowSeconds: 21_601 })).status).toBe(400);
  expect((await alice.patch(`/v1/conversations/${cid}`, { slowSeconds: 3_600 })).body.slowSeconds).toBe(3_600);
  const mid = newMid();
  expect((await say(bob, cid, mid)).status).toBe(201);
  const early = await say(bob, cid);
  expect([early.status, early.body.code]).toEqual([429, 'rate_limited']);
  expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(60);
  expect((await say(bob, cid, mid)).status).toBe(200);
  expect([(await say(alice, cid)).status, (await say(alice, cid)).status]).toEqual([201, 201]);
  await alice.patch(`/v1/conversations/${cid}`, { slowSeconds: 0 });
  expect((await say(bob, cid)).status).toBe(201);
});

describe('[PERM-11] roles in the tenant', () => {
  const give = (giver: Pick<TestUser, 'patch'>, name: string, role: string) =>
    giver.patch(`/v1/users/ext:${name}`, { role });

  test('none above the giver’s own, to none above the giver, and the last owner stays', async () => {
    const own = await createTestTenant(house);
    const [owner, admin, member] = (await Promise.all(['owner', 'admin', 'member'].map((name) => own.user(name)))) as [
      ...[TestUser, TestUser, TestUser],
    ];
    expect((await give(own.backEnd, 'owner', 'owner')).body).toMatchObject({ role: 'owner' });
    expect((await give(owner, 'admin', 'admin')).body).toMatchObject({ role: 'admin' });
    expect((await give(member, 'member', 'admin')).body.code).toBe('forbidden');
    expect((await give(admin, 'member', 'owner')).body.code).toBe('forbidden');
    expect((await give(admin, 'owner', 'member')).body.code).toBe('forbidden');
    expect((await give(admin, 'member', 'moderator')).status).toBe(200);
    expect((await give(owner, 'owner', 'member')).body.code).toBe('forbidden');
    await give(owner, 'admin', 'owner');
    const both = await Promise.all([give(owner, 'owner', 'member'), give(admin, 'admin', 'member')]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 403]);
    const stranger = await tenant.user('stranger');
    expect((await stranger.patch(`/v1/users/${member.uid}`, { role: 'guest' })).status).toBe(404);
    const log = await house.operator.get(`/admin/v1/tenants/${own.tid}/audit`);
    const entries = log.body.items.filter(({ action }: { action: string }) => action === 'give_tenant_role');
    expect(entries).toHaveLength(5);
  });

  test('a guest sees what it was added to, joins nothing and creates nothing; the role counts at once', async () => {
    const guest = await tenant.user('guest');
    const [hall, room] = await Promise.all([open('public'), open('private', 'ext:guest')]);
    expect((await guest.get(`/v1/conversations/${hall}`)).status).toBe(200);
    expect((await give(tenant.backEnd, 'guest', 'guest')).status).toBe(200);
    expect((await guest.get(`/v1/conversations/${hall}`)).body.code).toBe('not_member');
    expect((await guest.get(`/v1/conversations/${hall}/participants`)).body.code).toBe('not_member');
    expect((await guest.post(`/v1/conversations/${hall}/join`)).body.code).toBe('not_member');
    expect((await guest.get(`/v1/conversations/${room}`)).status).toBe(200);
    expect((await say(guest, room)).status).toBe(201);
    const dm = { kind: 'dm', participants: ['ext:bob'] };
    expect((await guest.post('/v1/conversations', dm)).body.code).toBe('forbidden');
  });
});
