/** Requests to join private channels. */
import { LIMITS } from '@messagecore/protocol';
import { subjects } from '@messagecore/protocol/bus';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { listen } from './listen.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
let sql: postgres.Sql;
let [ann, bob, cy]: TestUser[] = [];

beforeAll(async () => {
  house = await startTestService();
  sql = house.sql();
  tenant = await createTestTenant(house);
  [ann, bob, cy] = await tenant.users('ann', 'bob', 'cy');
});
afterAll(() => house.stop());

async function newChannel(participants: string[] = [], kind = 'private'): Promise<string> {
  const { body } = await ann!.post('/v1/conversations', { kind, name: 'plans', participants });
  return body.cid;
}

const ask = (user: TestUser, cid: string, body: object = {}) =>
  user.post(`/v1/conversations/${cid}/join-requests`, body);
const decide = (user: TestUser | TestTenant['backEnd'], cid: string, of: TestUser, verdict: 'approve' | 'reject') =>
  user.post(`/v1/conversations/${cid}/join-requests/${of.uid}/${verdict}`);
const withdraw = (user: TestUser, cid: string) => user.delete(`/v1/conversations/${cid}/join-requests`);
const open = async (user: TestUser, cid: string) =>
  (await user.get(`/v1/conversations/${cid}/join-requests`)).body.items;
const members = async (cid: string) => {
  const { body } = await tenant.backEnd.get(`/v1/conversations/${cid}/participants`);
  return body.items.map(({ userId }: { userId: string }) => userId);
};

test('[INV-5] [CONV-4] admins learn of a request and approve it; who asked is in', async () => {
  const cid = await newChannel(['ext:cy']);
  const heardByAnn = await listen(house, subjects.user(tenant.tid, ann!.uid));
  // Beside what happens in the room.
  const anns = () => heardByAnn.filter(({ event }) => event === 'conv');
  const bobs = await listen(house, subjects.user(tenant.tid, bob!.uid));
  const asked = await ask(bob!, cid, { message: 'I work on this' });
  const request = {
    cid,
    user: { userId: bob!.uid, displayName: 'bob' },
    message: 'I work on this',
    createdAt: expect.any(Number),
    expiresAt: expect.any(Number),
  };
  expect([asked.status, asked.body]).toEqual([200, request]);
  expect((await bob!.get('/v1/join-requests')).body).toEqual({ items: [request], next: null });
  expect(await open(ann!, cid)).toEqual([request]);
  await vi.waitUntil(() => anns().length === 1, 60_000);
  expect(anns()[0]).toEqual({ v: 1, event: 'conv', cid, conv: 'requested' });
  expect((await cy!.get(`/v1/conversations/${cid}/join-requests`)).body.code).toBe('forbidden');
  expect((await decide(cy!, cid, bob!, 'approve')).body.code).toBe('forbidden');

  expect((await decide(ann!, cid, bob!, 'approve')).body).toEqual({ added: [bob!.uid], access: 1 });
  await vi.waitUntil(() => anns().length === 2 && bobs.length === 1, 60_000);
  expect([anns()[1]?.['conv'], bobs[0]?.['conv']]).toEqual(['unrequested', 'added']);
  const { body: page } = await bob!.get(`/v1/conversations/${cid}/messages`);
  expect(page.items.at(-1)).toMatchObject({ from: ann!.uid, body: { event: 'added', users: [bob!.uid] } });
  expect(await open(ann!, cid)).toEqual([]);
  // The answer may have been lost.
  expect((await decide(ann!, cid, bob!, 'approve')).body).toEqual({ added: [], access: 1 });
  expect((await ask(bob!, cid)).body.code).toBe('conflict');
});

test('[INV-5] rejected and withdrawn requests are gone, and both sides learn of it', async () => {
  const cid = await newChannel();
  const anns = await listen(house, subjects.user(tenant.tid, ann!.uid));
  const bobs = await listen(house, subjects.user(tenant.tid, bob!.uid));
  await ask(bob!, cid);
  expect((await decide(ann!, cid, bob!, 'reject')).status).toBe(204);
  expect((await decide(ann!, cid, bob!, 'reject')).body.code).toBe('not_found');
  expect((await decide(ann!, cid, bob!, 'approve')).body.code).toBe('not_found');
  await ask(bob!, cid);
  expect((await withdraw(bob!, cid)).status).toBe(204);
  expect((await withdraw(bob!, cid)).body.code).toBe('not_member');
  await vi.waitUntil(() => anns.length === 4 && bobs.length === 2, 60_000);
  expect(anns.map(({ conv }) => conv)).toEqual(['requested', 'unrequested', 'requested', 'unrequested']);
  expect(bobs.map(({ conv }) => conv)).toEqual(['unrequested', 'unrequested']);
  expect(await members(cid)).toEqual([ann!.uid]);
});

test('[INV-5] admins learn that a request is gone, whichever way the user came in', async () => {
  const ways: ((cid: string) => Promise<{ status: number }>)[] = [
    (cid) => ann!.post(`/v1/conversations/${cid}/participants`, { users: ['ext:bob'] }),
    async (cid) => {
      const { body } = await ann!.post(`/v1/conversations/${cid}/links`, {});
      return bob!.post('/v1/links/accept', { code: body.code });
    },
    async (cid) => {
      await ann!.post(`/v1/conversations/${cid}/invitations`, { users: ['ext:bob'] });
      return bob!.post(`/v1/conversations/${cid}/invitation/accept`);
    },
  ];
  for (const comeIn of ways) {
    const cid = await newChannel();
    const anns = await listen(house, subjects.user(tenant.tid, ann!.uid));
    await ask(bob!, cid);
    expect((await comeIn(cid)).status).toBe(200);
    const told = () => anns.filter((event) => event['cid'] === cid).map(({ conv }) => conv);
    await vi.waitUntil(() => told().includes('unrequested'), 60_000);
    expect(told().filter((conv) => conv === 'unrequested')).toHaveLength(1);
    expect(await sql`select from join_requests where conversation_id = ${cid}`).toHaveLength(0);
  }
});

test('[INV-5] of a user who takes part, no request is listed; approving one tells the admins that it is gone', async () => {
  const cid = await newChannel(['ext:bob']);
  const row = { conversation_id: cid, user_id: bob!.uid, tenant_id: tenant.tid, expires_at: new Date(4e12) };
  await sql`insert into join_requests ${sql(row)}`;
  expect([await open(ann!, cid), (await bob!.get('/v1/join-requests')).body.items]).toEqual([[], []]);
  const anns = await listen(house, subjects.user(tenant.tid, ann!.uid));
  expect((await decide(ann!, cid, bob!, 'approve')).body.added).toEqual([]);
  await vi.waitUntil(() => anns.length === 1, 60_000);
  expect(anns).toEqual([{ v: 1, event: 'conv', cid, conv: 'unrequested' }]);
});

test('[INV-5] those who are told are found by an index that members are not in', async () => {
  const [plan] = await sql.begin(async (tx) => {
    await tx`set local enable_seqscan = off`;
    return tx<{ 'QUERY PLAN': object }[]>`
      explain (format json) select user_id from participants
      where conversation_id = ${await newChannel()} and role <> 'member' order by joined_at limit 100`;
  });
  expect(JSON.stringify(plan)).toContain('participants_admins');
  expect(JSON.stringify(plan)).not.toContain('"Sort"');
});

test('[INV-5] one request of a user is open; asking again changes its message', async () => {
  const cid = await newChannel();
  await Promise.all(Array.from({ length: 8 }, (_, n) => ask(bob!, cid, { message: `${n}` })));
  await ask(bob!, cid, { message: 'last' });
  expect(await open(ann!, cid)).toMatchObject([{ message: 'last' }]);
});

test('[INV-5] approved while it is withdrawn: one of the two happens', async () => {
  for (let n = 0; n < 20; n += 1) {
    const cid = await newChannel();
    await ask(bob!, cid);
    const [approved, withdrawn] = await Promise.all([decide(ann!, cid, bob!, 'approve'), withdraw(bob!, cid)]);
    const isIn = (await members(cid)).includes(bob!.uid);
    expect([approved.status, withdrawn.status]).toEqual(isIn ? [200, 404] : [404, 204]);
    expect(await open(ann!, cid)).toEqual([]);
  }
});

test('[INV-5] two admins who decide at the same time', async () => {
  const cid = await newChannel(['ext:cy']);
  await ann!.patch(`/v1/conversations/${cid}/participants/ext:cy`, { role: 'admin' });
  await ask(bob!, cid);
  const [approved, rejected] = await Promise.all([
    decide(ann!, cid, bob!, 'approve'),
    decide(cy!, cid, bob!, 'reject'),
  ]);
  const isIn = (await members(cid)).includes(bob!.uid);
  expect([approved.status, rejected.status]).toEqual(isIn ? [200, 404] : [404, 204]);
});

test('[CONV-5] what can be asked for, and by whom', async () => {
  const code = async (user: TestUser, cid: string) => (await ask(user, cid)).body.code;
  expect(await code(bob!, await newChannel([], 'public'))).toBe('conflict');
  expect(
    await code(bob!, (await ann!.post('/v1/conversations', { kind: 'dm', participants: ['ext:cy'] })).body.cid),
  ).toBe('not_member');
  const cid = await newChannel();
  const guest = await tenant.user('guest');
  await sql`update users set role = 'guest' where id = ${guest.uid}`;
  expect(await code(guest, cid)).toBe('not_member');
  await ask(bob!, cid);
  const ban = { conversation_id: cid, user_id: bob!.uid, tenant_id: tenant.tid, banned_by: ann!.uid };
  await sql`insert into conversation_bans ${sql(ban)}`;
  // Banned after asking.
  expect((await decide(ann!, cid, bob!, 'approve')).body.code).toBe('forbidden');
  expect(await code(bob!, cid)).toBe('forbidden');
  const eve = await (await createTestTenant(house)).user('eve');
  expect(await code(eve, cid)).toBe('not_found');
  // Nobody is let in who did not ask.
  expect((await decide(tenant.backEnd, cid, cy!, 'approve')).body.code).toBe('not_found');
});

test('[INV-6] as many requests of a user are open as may be', async () => {
  const dan = await tenant.user('dan');
  await sql`
    with made as (
      insert into conversations (conversation_id, tenant_id, kind, created_by)
      select gen_random_uuid(), ${tenant.tid}, 'private', ${ann!.uid}
      from generate_series(1, ${LIMITS.joinRequestsPerUser - 1})
      returning conversation_id
    )
    insert into join_requests (conversation_id, user_id, tenant_id, expires_at)
    select conversation_id, ${dan.uid}, ${tenant.tid}, now() + interval '1 day' from made`;
  const cids = await Promise.all(Array.from({ length: 3 }, () => newChannel()));
  const answers = await Promise.all(cids.map((cid) => ask(dan, cid)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 413, 413]);
});
