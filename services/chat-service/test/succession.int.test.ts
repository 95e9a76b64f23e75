/** What one request does at once, who follows an owner, and who signs what the back end does. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
let [alice, bob, carol, dora]: TestUser[] = [];

beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
  [alice, bob, carol, dora] = await tenant.users('alice', 'bob', 'carol', 'dora');
});
afterAll(() => house.stop());

async function group(): Promise<string> {
  const participants = ['ext:bob', 'ext:carol', 'ext:dora'];
  return (await alice!.post('/v1/conversations', { kind: 'group', participants })).body.cid;
}

const path = (cid: string, name: string) => `/v1/conversations/${cid}/participants/ext:${name}`;

const roles = async (cid: string) => {
  const { body } = await tenant.backEnd.get(`/v1/conversations/${cid}/participants`);
  return Object.fromEntries(
    body.items.map(
      ({ externalId, role, mutedUntil }: { externalId: string; role: string; mutedUntil: number | null }) => [
        externalId,
        mutedUntil === null ? role : `${role}, muted`,
      ],
    ),
  );
};

/** The sys messages of a conversation, and who signed them. */
const said = async (cid: string) => {
  const { body } = await tenant.backEnd.get(`/v1/conversations/${cid}/messages`);
  return body.items.map(({ from, body: told }: { from: string; body: object }) => ({ from, ...told }));
};

const later = () => Date.now() + 3_600_000;

async function setStatus(user: TestUser, status: string): Promise<void> {
  const sql = database(house);
  await sql`update users set status = ${status} where id = ${user.uid}`;
  onTestFinished(async () => void (await sql`update users set status = 'active' where id = ${user.uid}`));
}

describe('[PERM-6] a role and a mute in one request', () => {
  test('[PERM-6] ownership is not handed over by a request that is refused', async () => {
    const cid = await group();
    const before = await roles(cid);
    const refused = await alice!.patch(path(cid, 'bob'), { role: 'owner', mutedUntil: later() });
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    expect(await roles(cid)).toEqual(before);
    expect(await said(cid)).toEqual([]);
    expect((await alice!.patch(path(cid, 'bob'), { role: 'owner', mutedUntil: null })).status).toBe(403);
    expect((await alice!.patch(path(cid, 'bob'), { role: 'admin' })).status).toBe(200);
  });

  test('[PERM-6] what is allowed is done together, each with its own event and message', async () => {
    const cid = await group();
    const until = later();
    const both = await alice!.patch(path(cid, 'bob'), { role: 'admin', mutedUntil: until });
    expect([both.status, both.body]).toMatchObject([200, { role: 'admin', mutedUntil: until }]);
    expect(await said(cid)).toEqual([
      { from: alice!.uid, event: 'role', users: [bob!.uid], role: 'admin' },
      { from: alice!.uid, event: 'muted', users: [bob!.uid] },
    ]);
    const byBackEnd = await tenant.backEnd.patch(path(cid, 'bob'), { role: 'owner', mutedUntil: null });
    expect([byBackEnd.status, byBackEnd.body]).toMatchObject([200, { role: 'owner', mutedUntil: null }]);
    expect(await roles(cid)).toMatchObject({ alice: 'admin', bob: 'owner' });
  });

  test('[PERM-6] a muted stranger is no participant, whatever role comes with it', async () => {
    const cid = await group();
    await tenant.user('stranger');
    const answer = await alice!.patch(path(cid, 'stranger'), { role: 'admin', mutedUntil: later() });
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
  });
});

describe('[PERM-5] who follows an owner', () => {
  const leave = (user: TestUser, cid: string) => user.post(`/v1/conversations/${cid}/leave`);

  test('[PERM-5] nobody whose account is not active, be they an admin', async () => {
    const cid = await group();
    await alice!.patch(path(cid, 'dora'), { role: 'admin' });
    await setStatus(dora!, 'deactivated');
    await setStatus(bob!, 'deleted');
    await leave(alice!, cid);
    expect(await roles(cid)).toMatchObject({ bob: 'member', carol: 'owner', dora: 'admin' });
  });

  test('[PERM-5] nobody who is banned, should they still be there; and so it is when an owner is removed', async () => {
    const cid = await group();
    await alice!.patch(path(cid, 'dora'), { role: 'admin' });
    const sql = database(house);
    await sql`
      insert into conversation_bans (conversation_id, user_id, tenant_id, banned_by)
      values (${cid}, ${dora!.uid}, ${tenant.tid}, ${alice!.uid})`;
    expect((await tenant.backEnd.delete(path(cid, 'alice'))).status).toBe(204);
    // Bob and Carol came at the same moment.
    const { dora: doras, ...others } = await roles(cid);
    expect([doras, Object.values(others).toSorted()]).toEqual(['admin', ['member', 'owner']]);
  });

  test('[PERM-5] a muted one only if there is nobody else', async () => {
    const cid = await group();
    await alice!.patch(path(cid, 'bob'), { role: 'admin', mutedUntil: later() });
    await alice!.patch(path(cid, 'dora'), { mutedUntil: later() });
    await leave(alice!, cid);
    expect(await roles(cid)).toEqual({ bob: 'admin, muted', carol: 'owner', dora: 'member, muted' });
    await leave(carol!, cid);
    expect(await roles(cid)).toEqual({ bob: 'owner, muted', dora: 'member, muted' });
  });

  test('[PERM-5] without anybody there is no owner, until the back end makes one', async () => {
    const cid = await group();
    await setStatus(bob!, 'deactivated');
    await setStatus(dora!, 'deactivated');
    await leave(carol!, cid);
    await leave(alice!, cid);
    expect(await roles(cid)).toEqual({ bob: 'member', dora: 'member' });
    expect((await said(cid)).at(-1)).toEqual({ from: alice!.uid, event: 'left', users: [alice!.uid] });
    await tenant.backEnd.post(`/v1/conversations/${cid}/participants`, { users: ['ext:carol'] });
    expect((await tenant.backEnd.patch(path(cid, 'carol'), { role: 'owner' })).body.role).toBe('owner');
  });
});

test('[SEQ-10] what the back end changes in nobody’s name is signed by nobody who left, was removed or never was there', async () => {
  const cid = await group();
  await alice!.post(`/v1/conversations/${cid}/leave`);
  await tenant.backEnd.patch(`/v1/conversations/${cid}`, { name: 'Renamed' });
  await tenant.backEnd.with({ 'x-on-behalf-of': 'ext:bob' }).patch(`/v1/conversations/${cid}`, { topic: 'By Bob' });
  expect((await said(cid)).slice(1)).toEqual([
    { from: tenant.tid, event: 'renamed', name: 'Renamed', by: 'service' },
    { from: bob!.uid, event: 'topic', topic: 'By Bob' },
  ]);
  expect((await bob!.get(`/v1/users/${tenant.tid}`)).status).toBe(404);
});
