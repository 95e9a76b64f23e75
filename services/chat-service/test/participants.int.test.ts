import { createUlid } from '@messagecore/kernel';
import { subjects } from '@messagecore/protocol/bus';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { listen } from './listen.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

const newMid = createUlid();

let house: TestService;
let tenant: TestTenant;
let [alice, bob, carol, dora]: TestUser[] = [];

beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
  [alice, bob, carol, dora] = await tenant.users('alice', 'bob', 'carol', 'dora');
});
afterAll(() => house.stop());

async function createBy(user: TestUser, body: object): Promise<string> {
  const answer = await user.post('/v1/conversations', body);
  expect(answer.status).toBe(201);
  return answer.body.cid;
}

const roles = async (cid: string) => {
  const { body } = await tenant.backEnd.get(`/v1/conversations/${cid}/participants`);
  return Object.fromEntries(
    body.items.map((item: { externalId: string; role: string }) => [item.externalId, item.role]),
  );
};

/** What the sys messages of a conversation say. */
const said = async (cid: string) => {
  const { body } = await tenant.backEnd.get(`/v1/conversations/${cid}/messages`);
  return body.items.map((item: { body: unknown }) => item.body);
};

describe('[CONV-3] adding', () => {
  test('[SIG-2] those added see it at once, read from now on, and hear of it; the others see a sys message', async () => {
    const cid = await createBy(alice!, { kind: 'private', name: 'P' });
    await alice!.patch(`/v1/conversations/${cid}`, { topic: 'before' });
    const room = await listen(house, subjects.conversation(tenant.tid, cid, 'event'));
    const bobs = await listen(house, subjects.user(tenant.tid, bob!.uid));

    const added = await alice!.post(`/v1/conversations/${cid}/participants`, { users: ['ext:bob', carol!.uid] });
    expect(added.status).toBe(200);
    expect(added.body.added.toSorted()).toEqual([bob!.uid, carol!.uid].toSorted());
    expect(added.body.access).toBe(1);
    await expect.poll(() => room).toHaveLength(1);
    expect(room[0]).toMatchObject({ v: 1, event: 'added', access: 1, cid });
    await expect.poll(() => bobs).toEqual([{ v: 1, event: 'conv', cid, conv: 'added', access: expect.any(Number) }]);
    expect((await said(cid)).at(-1)).toMatchObject({ event: 'added', users: added.body.added });
    expect((await bob!.get(`/v1/conversations/${cid}`)).body).toMatchObject({
      head: 2,
      readPos: 1,
      unread: 0,
      myRole: 'member',
    });

    const again = await alice!.post(`/v1/conversations/${cid}/participants`, { users: ['ext:bob'] });
    expect(again.body).toEqual({ added: [], access: 1 });
    expect(await said(cid)).toHaveLength(2);
  });

  test('two who add the same user at once: one addition', async () => {
    const cid = await createBy(alice!, { kind: 'group', participants: ['ext:bob', 'ext:carol'] });
    const answers = await Promise.all(
      [alice, bob, carol].map((user) => user!.post(`/v1/conversations/${cid}/participants`, { users: ['ext:dora'] })),
    );
    expect(answers.map(({ body }) => body.added.length).toSorted()).toEqual([0, 0, 1]);
    expect(await said(cid)).toEqual([{ event: 'added', users: [dora!.uid] }]);
  });

  test('members may not add to a private channel, nobody to a dm, and strangers nowhere', async () => {
    const closed = await createBy(alice!, { kind: 'private', participants: ['ext:bob'] });
    const dm = await createBy(alice!, { kind: 'dm', participants: ['ext:dora'] });
    const add = (user: TestUser, cid: string, users: string[]) =>
      user.post(`/v1/conversations/${cid}/participants`, { users });
    expect((await add(bob!, closed, ['ext:carol'])).body.code).toBe('forbidden');
    expect((await add(alice!, dm, ['ext:carol'])).body.code).toBe('forbidden');
    expect((await add(carol!, closed, ['ext:carol'])).body.code).toBe('not_member');
    const other = await (await createTestTenant(house)).user('other');
    expect((await add(other, closed, ['ext:other'])).status).toBe(404);
    expect((await add(alice!, closed, [other.uid])).status).toBe(404);
    expect((await add(alice!, closed, [])).status).toBe(400);
  });
});

describe('joining and leaving', () => {
  test('a public channel is joined by oneself, once; others are not', async () => {
    const open = await createBy(alice!, { kind: 'public', name: 'Open' });
    expect((await bob!.post(`/v1/conversations/${open}/join`)).body).toEqual({ added: [bob!.uid], access: 1 });
    expect((await bob!.post(`/v1/conversations/${open}/join`, '')).body).toEqual({ added: [], access: 1 });
    expect(await said(open)).toEqual([{ event: 'joined', users: [bob!.uid] }]);

    const closed = await createBy(alice!, { kind: 'private', name: 'Closed' });
    const refused = await bob!.post(`/v1/conversations/${closed}/join`);
    expect([refused.status, refused.body.code]).toEqual([403, 'not_member']);
  });

  test('the banned may not come back', async () => {
    const open = await createBy(alice!, { kind: 'public', name: 'Banning' });
    const sql = database(house);
    await sql`
      insert into conversation_bans (conversation_id, user_id, tenant_id, banned_by)
      values (${open}, ${bob!.uid}, ${tenant.tid}, ${alice!.uid})`;
    expect((await bob!.post(`/v1/conversations/${open}/join`)).body.code).toBe('forbidden');
  });

  test('[PERM-1] who leaves is out at once; an owner’s place falls to an admin, then to the longest-standing', async () => {
    const cid = await createBy(alice!, { kind: 'group', participants: ['ext:bob', 'ext:carol', 'ext:dora'] });
    await alice!.patch(`/v1/conversations/${cid}/participants/ext:carol`, { role: 'admin' });
    expect((await alice!.post(`/v1/conversations/${cid}/leave`)).status).toBe(204);
    expect(await roles(cid)).toEqual({ bob: 'member', carol: 'owner', dora: 'member' });
    expect((await said(cid)).at(-1)).toEqual({ event: 'left', users: [alice!.uid], owner: carol!.uid });
    expect((await alice!.get(`/v1/conversations/${cid}/messages`)).body.code).toBe('not_member');
    expect((await alice!.post(`/v1/conversations/${cid}/leave`)).body.code).toBe('not_member');

    for (const user of [carol, bob, dora]) await user!.delete(`/v1/conversations/${cid}/participants/${user!.uid}`);
    expect(await roles(cid)).toEqual({});
  });

  test('a dm is not left', async () => {
    const { body } = await alice!.post('/v1/conversations', { kind: 'dm', participants: ['ext:bob'] });
    expect((await bob!.post(`/v1/conversations/${body.cid}/leave`)).body.code).toBe('forbidden');
  });
});

describe('removing, roles, muting', () => {
  test('[PERM-1] removal raises access, is told to the room and to the one removed, and takes the right', async () => {
    const cid = await createBy(alice!, { kind: 'group', participants: ['ext:bob', 'ext:carol'] });
    const room = await listen(house, subjects.conversation(tenant.tid, cid, 'event'));
    const bobs = await listen(house, subjects.user(tenant.tid, bob!.uid));
    expect((await bob!.delete(`/v1/conversations/${cid}/participants/ext:carol`)).body.code).toBe('forbidden');
    expect((await alice!.delete(`/v1/conversations/${cid}/participants/ext:bob`)).status).toBe(204);
    await expect
      .poll(() => room)
      .toEqual([{ v: 1, tid: tenant.tid, cid, event: 'removed', users: [bob!.uid], access: 1 }]);
    await expect.poll(() => bobs).toEqual([{ v: 1, event: 'conv', cid, conv: 'removed', access: expect.any(Number) }]);
    expect((await bob!.get(`/v1/conversations/${cid}`)).body.code).toBe('not_member');
    expect((await alice!.delete(`/v1/conversations/${cid}/participants/ext:bob`)).status).toBe(404);
    expect(await said(cid)).toEqual([{ event: 'removed', users: [bob!.uid] }]);
  });

  test('the owner gives roles and hands ownership over; admins stand above members only', async () => {
    const cid = await createBy(alice!, { kind: 'private', participants: ['ext:bob', 'ext:carol', 'ext:dora'] });
    const path = (name: string) => `/v1/conversations/${cid}/participants/ext:${name}`;
    const promoted = await alice!.patch(path('bob'), { role: 'admin' });
    expect([promoted.status, promoted.body.role, promoted.body.externalId]).toEqual([200, 'admin', 'bob']);
    expect((await bob!.patch(path('carol'), { role: 'admin' })).status).toBe(403);
    expect((await bob!.delete(path('alice'))).status).toBe(403);
    expect((await bob!.delete(path('dora'))).status).toBe(204);
    expect((await alice!.patch(path('alice'), { role: 'member' })).status).toBe(403);
    expect((await alice!.patch(path('bob'), { role: 'owner' })).body.role).toBe('owner');
    expect(await roles(cid)).toEqual({ alice: 'admin', bob: 'owner', carol: 'member' });
    expect((await alice!.patch(path('carol'), {})).status).toBe(400);
    expect((await alice!.patch(path('carol'), { role: 'king' })).status).toBe(400);
    expect((await alice!.patch(path('nobody'), { role: 'admin' })).status).toBe(404);
    expect((await alice!.patch(path('dora'), { role: 'admin' })).status).toBe(404);
  });

  test('[PERM-2] muting for a time, for ever, and no longer', async () => {
    const cid = await createBy(alice!, { kind: 'group', participants: ['ext:bob', 'ext:carol'] });
    const path = `/v1/conversations/${cid}/participants/ext:bob`;
    const room = await listen(house, subjects.conversation(tenant.tid, cid, 'event'));
    const until = Date.now() + 60_000;
    expect((await alice!.patch(path, { mutedUntil: until })).body.mutedUntil).toBe(until);
    await expect.poll(() => room[0]).toMatchObject({ event: 'muted', users: [bob!.uid], mutedUntil: until, access: 1 });
    expect((await alice!.patch(path, { mutedUntil: 8.64e15 })).body.mutedUntil).toBe(8.64e15);
    expect((await alice!.patch(path, { mutedUntil: 8.64e15 + 1 })).status).toBe(400);
    expect((await alice!.patch(path, { mutedUntil: null })).body.mutedUntil).toBeNull();
    expect((await bob!.patch(`/v1/conversations/${cid}/participants/ext:carol`, { mutedUntil: until })).status).toBe(
      403,
    );
    const sql = database(house);
    await sql`update participants set muted_until = 'infinity' where conversation_id = ${cid} and user_id = ${bob!.uid}`;
    const { body } = await alice!.get(`/v1/conversations/${cid}/participants`);
    expect(body.items.find((item: { userId: string }) => item.userId === bob!.uid).mutedUntil).toBe(8.64e15);
  });
});

describe('naming', () => {
  test('an external id as long as one may be names its user in a path', async () => {
    const name = 'é'.repeat(255);
    const cid = await createBy(alice!, { kind: 'group', participants: ['ext:bob', 'ext:carol'] });
    const long = await tenant.user(name);
    await alice!.post(`/v1/conversations/${cid}/participants`, { users: [long.uid] });
    const ref = encodeURIComponent(`ext:${name}`);
    expect((await alice!.get(`/v1/users/${ref}`)).body.userId).toBe(long.uid);
    expect((await alice!.delete(`/v1/conversations/${cid}/participants/${ref}`)).status).toBe(204);
    expect((await alice!.delete(`/v1/conversations/${cid}/participants/${ref}x`)).status).toBe(400);
  });

  test('a deactivated participant is muted and removed, and given no role', async () => {
    const cid = await createBy(alice!, { kind: 'group', participants: ['ext:bob', 'ext:carol'] });
    const gone = await tenant.user('gone');
    await alice!.post(`/v1/conversations/${cid}/participants`, { users: ['ext:gone'] });
    const sql = database(house);
    await sql`update users set status = 'deactivated' where id = ${gone.uid}`;
    const path = `/v1/conversations/${cid}/participants/ext:gone`;
    expect((await alice!.patch(path, { role: 'owner' })).status).toBe(404);
    expect((await alice!.patch(path, { mutedUntil: 8.64e15 })).body.mutedUntil).toBe(8.64e15);
    expect((await alice!.delete(path)).status).toBe(204);
    expect(await roles(cid)).not.toHaveProperty('gone');
    expect((await alice!.post(`/v1/conversations/${cid}/participants`, { users: ['ext:gone'] })).status).toBe(404);
  });
});

describe('[PERM-2] a mute that its bearer would be rid of', () => {
  const until = Date.now() + 3_600_000;
  const send = async (user: TestUser, cid: string) => {
    const message = { mid: newMid(), kind: 'text', body: { text: 'but' } };
    return (await user.post(`/v1/conversations/${cid}/messages`, message)).body.code;
  };
  const mutedUntil = async (cid: string, name: string) => {
    const { body } = await tenant.backEnd.get(`/v1/conversations/${cid}/participants`);
    return body.items.find((item: { externalId: string }) => item.externalId === name).mutedUntil;
  };

  test('[PERM-2] outlasts leaving and coming back, until it is lifted', async () => {
    const cid = await createBy(alice!, { kind: 'public', participants: ['ext:bob'] });
    const path = `/v1/conversations/${cid}/participants/ext:bob`;
    await alice!.patch(path, { mutedUntil: until });
    for (let n = 0; n < 2; n += 1) {
      await bob!.post(`/v1/conversations/${cid}/leave`);
      await bob!.post(`/v1/conversations/${cid}/join`);
      expect([await send(bob!, cid), await mutedUntil(cid, 'bob')]).toEqual(['muted', until]);
    }
    await alice!.patch(path, { mutedUntil: null });
    await bob!.post(`/v1/conversations/${cid}/leave`);
    await bob!.post(`/v1/conversations/${cid}/join`);
    expect([await send(bob!, cid), await mutedUntil(cid, 'bob')]).toEqual([undefined, null]);
  });

  test('[PERM-2] outlasts removal and being added again, for nobody else', async () => {
    const cid = await createBy(alice!, { kind: 'group', participants: ['ext:bob', 'ext:carol', 'ext:dora'] });
    await alice!.patch(`/v1/conversations/${cid}/participants/ext:bob`, { mutedUntil: until });
    for (const name of ['bob', 'dora']) await alice!.delete(`/v1/conversations/${cid}/participants/ext:${name}`);
    await carol!.post(`/v1/conversations/${cid}/participants`, { users: ['ext:bob', 'ext:dora'] });
    expect(await Promise.all([send(bob!, cid), send(dora!, cid)])).toEqual(['muted', undefined]);
  });

  test('[PERM-2] a mute that has ended while its bearer was away is over', async () => {
    const cid = await createBy(alice!, { kind: 'public', participants: ['ext:bob'] });
    const soon = Date.now() + 1_000;
    await alice!.patch(`/v1/conversations/${cid}/participants/ext:bob`, { mutedUntil: soon });
    await bob!.post(`/v1/conversations/${cid}/leave`);
    await expect.poll(() => Date.now(), { timeout: 5_000 }).toBeGreaterThan(soon);
    await bob!.post(`/v1/conversations/${cid}/join`);
    expect(await send(bob!, cid)).toBeUndefined();
  });

  test('[PERM-2] nothing is said by way of a name or a topic', async () => {
    const cid = await createBy(alice!, { kind: 'group', participants: ['ext:bob', 'ext:carol'] });
    await alice!.patch(`/v1/conversations/${cid}/participants/ext:bob`, { mutedUntil: until });
    const before = await said(cid);
    for (const change of [{ topic: 'but' }, { name: 'but' }, { metadata: { but: 1 } }, { archived: true }]) {
      const refused = await bob!.patch(`/v1/conversations/${cid}`, change);
      expect([refused.status, refused.body.code]).toEqual([403, 'muted']);
    }
    expect(await said(cid)).toEqual(before);
    expect((await tenant.backEnd.patch(`/v1/conversations/${cid}`, { topic: 'the house speaks' })).status).toBe(200);
  });
});

test('participants are listed by page, for those who may see the conversation', async () => {
  const cid = await createBy(alice!, { kind: 'group', participants: ['ext:bob', 'ext:carol'] });
  const first = await bob!.get(`/v1/conversations/${cid}/participants?limit=2`);
  const rest = await bob!.get(`/v1/conversations/${cid}/participants?limit=2&cursor=${first.body.next}`);
  const names = [...first.body.items, ...rest.body.items].map((item) => item.externalId).toSorted();
  expect(names).toEqual(['alice', 'bob', 'carol']);
  expect(rest.body.next).toBeNull();
  expect((await dora!.get(`/v1/conversations/${cid}/participants`)).body.code).toBe('not_member');
});

test('[PERM-1] [USER-2] an outsider gets one answer to a command, whoever it is directed at', async () => {
  const guest = await tenant.user('guest');
  await tenant.backEnd.patch(`/v1/users/${guest.uid}`, { role: 'guest' });
  const cid = await createBy(alice!, { kind: 'private', name: 'P', participants: ['ext:bob'] });
  await dora!.put(`/v1/users/me/blocks/${carol!.uid}`);
  onTestFinished(async () => void (await dora!.delete(`/v1/users/me/blocks/${carol!.uid}`)));
  await alice!.post(`/v1/conversations/${cid}/invitations`, { users: ['ext:dora'] });
  await dora!.post(`/v1/conversations/${cid}/join-requests`, {});
  const at = `/v1/conversations/${cid}`;
  const commands: ((user: TestUser, other: string) => Promise<{ status: number; body: object }>)[] = [
    (user, other) => user.patch(`${at}/participants/${other}`, { role: 'admin' }),
    (user, other) => user.patch(`${at}/participants/${other}`, { mutedUntil: 8e15 }),
    (user, other) => user.delete(`${at}/participants/${other}`),
    (user, other) => user.post(`${at}/participants`, { users: [other] }),
    (user, other) => user.put(`${at}/bans/${other}`, { until: null }),
    (user, other) => user.delete(`${at}/bans/${other}`),
    (user, other) => user.post(`${at}/invitations`, { users: [other] }),
    (user, other) => user.delete(`${at}/invitations/${other}`),
    (user, other) => user.post(`${at}/join-requests/${other}/approve`, {}),
    (user, other) => user.post(`${at}/join-requests/${other}/reject`, {}),
  ];
  // Who takes part, who is invited and has asked and blocks one of the two, and who is not there at all.
  const others = [bob!.uid, dora!.uid, 'ext:nobody', '00000000-0000-4000-8000-000000000000'];
  for (const user of [carol!, guest]) {
    for (const command of commands) {
      const answers = await Promise.all(others.map((other) => command(user, other)));
      const told = answers.map(({ status, body }) => ({ ...body, status, requestId: undefined }));
      expect(told).toEqual(told.map(() => told[0]));
      expect(told[0]).toMatchObject({ status: 403, code: 'not_member' });
    }
  }
});
