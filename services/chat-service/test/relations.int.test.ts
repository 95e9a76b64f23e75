/** Blocking and following. */
import { randomUUID } from 'node:crypto';
import { createUlid } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { insertFollows } from '../src/features/follows/write-follows.ts';
import { openStore } from '../src/platform/database/connect.ts';
import { lockWaits } from './locks.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
let ann: TestUser;
let bob: TestUser;
let carol: TestUser;
beforeAll(async () => {
  house = await startTestService();
});
afterAll(() => house.stop());
beforeEach(async () => {
  tenant = await createTestTenant(house);
  [ann, bob, carol] = [await tenant.user('ann'), await tenant.user('bob'), await tenant.user('carol')];
});

const newMid = createUlid();
const say = (user: TestUser, cid: string) =>
  user.post(`/v1/conversations/${cid}/messages`, { mid: newMid(), kind: 'text', body: { text: 'hi' } });
const dm = (user: TestUser, other: TestUser) =>
  user.post('/v1/conversations', { kind: 'dm', participants: [other.uid] });
const block = (user: TestUser, other: TestUser) => user.put(`/v1/users/me/blocks/${other.uid}`);
const unblock = (user: TestUser, other: TestUser) => user.delete(`/v1/users/me/blocks/${other.uid}`);
const refusal = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code];
const idsOf = ({ body }: { body: { items: { userId: string }[] } }) => body.items.map(({ userId }) => userId);

describe('[BLK-1] a dm', () => {
  test('that is there is closed to both, stays readable, and opens when neither blocks', async () => {
    const { cid } = (await dm(ann, bob)).body;
    await say(bob, cid);
    expect((await block(ann, bob)).status).toBe(204);
    expect((await block(ann, bob)).status).toBe(204);
    for (const user of [ann, bob]) expect(refusal(await say(user, cid))).toEqual([403, 'muted']);
    const edit = await bob.patch(`/v1/conversations/${cid}/messages/1`, { body: { text: 'changed' } });
    expect(refusal(edit)).toEqual([403, 'muted']);
    expect((await bob.get(`/v1/conversations/${cid}/messages`)).body.items).toHaveLength(1);
    for (const [user, other] of [
      [ann, bob],
      [bob, ann],
    ] as const) {
      expect((await dm(user, other)).body).toMatchObject({ cid });
    }
    await block(bob, ann);
    await unblock(ann, bob);
    expect(refusal(await say(ann, cid))).toEqual([403, 'muted']);
    expect((await unblock(bob, ann)).status).toBe(204);
    expect((await unblock(bob, ann)).status).toBe(204);
    for (const user of [ann, bob]) expect((await say(user, cid)).status).toBe(201);
  });

  test('does not begin, whoever of the two asks, nor by the back end', async () => {
    await block(ann, bob);
    const both = tenant.backEnd.post('/v1/conversations', { kind: 'dm', participants: [ann.uid, bob.uid] });
    for (const answer of [await dm(ann, bob), await dm(bob, ann), await both]) {
      expect(refusal(answer)).toEqual([403, 'blocked']);
    }
    expect((await dm(bob, carol)).status).toBe(201);
    await unblock(ann, bob);
    expect((await dm(bob, ann)).status).toBe(201);
  });

  test('that begins while one blocks the other is closed, or does not begin', async () => {
    const pairs = await Promise.all(
      Array.from(
        { length: 12 },
        async () => [await tenant.user(randomUUID()), await tenant.user(randomUUID())] as const,
      ),
    );
    for (const [one, other] of pairs) {
      const [made, blocked] = await Promise.all([dm(other, one), block(one, other)]);
      expect(blocked.status).toBe(204);
      if (made.status === 201) expect(refusal(await say(other, made.body.cid))).toEqual([403, 'muted']);
      else expect(refusal(made)).toEqual([403, 'blocked']);
    }
  });

  test('no send is stored after the answer to the block', async () => {
    const { cid } = (await dm(ann, bob)).body;
    let answered = false;
    const late: boolean[] = [];
    const sending = Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let n = 0; n < 10; n += 1) {
          const begunLate = answered;
          const { status } = await say(bob, cid);
          if (begunLate) late.push(status === 201);
        }
      }),
    );
    await block(ann, bob);
    answered = true;
    await sending;
    expect(late).not.toContain(true);
    expect(refusal(await say(bob, cid))).toEqual([403, 'muted']);
  });
});

test('[BLK-2] who is blocked invites nobody who has blocked them; everything else goes on', async () => {
  await block(ann, bob);
  const room = { kind: 'private', name: 'Room' };
  const ofBob = (await bob.post('/v1/conversations', room)).body.cid;
  const add = (user: TestUser | typeof tenant.backEnd, cid: string, ...users: string[]) =>
    user.post(`/v1/conversations/${cid}/participants`, { users });
  expect(refusal(await add(bob, ofBob, carol.uid, ann.uid))).toEqual([403, 'blocked']);
  expect((await bob.get(`/v1/conversations/${ofBob}/participants`)).body.items).toHaveLength(1);
  const withAnn = { ...room, participants: [ann.uid, carol.uid] };
  expect(refusal(await bob.post('/v1/conversations', withAnn))).toEqual([403, 'blocked']);
  expect((await add(bob, ofBob, carol.uid)).status).toBe(200);
  expect((await add(carol, ofBob, ann.uid)).status).toBe(403);
  expect((await add(tenant.backEnd, ofBob, ann.uid)).status).toBe(200);
  for (const user of [ann, bob]) expect((await say(user, ofBob)).status).toBe(201);
  const ofAnn = (await ann.post('/v1/conversations', room)).body.cid;
  expect((await add(ann, ofAnn, bob.uid)).status).toBe(200);
});

test('[BLK-2] a block that is under way holds for who adds, invites and creates, and nothing tells whose it is', async () => {
  const [sql, other] = [database(house), database(house)];
  const { cid } = (await bob.post('/v1/conversations', { kind: 'private', name: 'Room' })).body;
  const users = [ann.uid, carol.uid];
  for (const ask of [
    () => bob.post(`/v1/conversations/${cid}/participants`, { users }),
    () => bob.post(`/v1/conversations/${cid}/invitations`, { users }),
    () => bob.post('/v1/conversations', { kind: 'private', name: 'Another', participants: users }),
  ]) {
    let isAnswered = false;
    const answer = await sql.begin(async (tx) => {
      await tx`select from users where id = ${ann.uid} for no key update`;
      await tx`
        insert into user_blocks (user_id, blocked_id, tenant_id) values (${ann.uid}, ${bob.uid}, ${tenant.tid})
        on conflict do nothing`;
      const asked = ask().finally(() => (isAnswered = true));
      await vi.waitUntil(async () => isAnswered || (await lockWaits(other)) > 0, 60_000);
      return { asked };
    });
    const told = await answer.asked;
    expect(refusal(told)).toEqual([403, 'blocked']);
    expect(JSON.stringify(told.body)).not.toContain(ann.uid);
    await unblock(ann, bob);
  }
  expect((await bob.get(`/v1/conversations/${cid}/participants`)).body.items).toHaveLength(1);
});

test('[USER-3] [BLK-4] lists hide whom the reader has blocked, and the reader’s list of blocks names them', async () => {
  await block(ann, bob);
  expect(idsOf(await ann.get('/v1/users'))).toEqual([ann.uid, carol.uid].toSorted());
  expect(idsOf(await ann.get('/v1/users?q=bob'))).toEqual([]);
  expect(idsOf(await bob.get('/v1/users?q=ann'))).toEqual([ann.uid]);
  await block(ann, carol);
  const first = await ann.get('/v1/users/me/blocks?limit=1');
  const second = await ann.get(`/v1/users/me/blocks?limit=1&cursor=${first.body.next}`);
  expect([...idsOf(first), ...idsOf(second)]).toEqual([bob.uid, carol.uid].toSorted());
  expect(second.body.next).toBeNull();
  expect(first.body.items[0]).toEqual({
    userId: expect.any(String),
    displayName: expect.stringMatching(/^bob|carol$/),
    blockedAt: expect.any(Number),
  });
  expect(idsOf(await bob.get('/v1/users/me/blocks'))).toEqual([]);
  expect((await block(ann, ann)).status).toBe(400);
  const stranger = await (await createTestTenant(house)).user('stranger');
  expect((await block(ann, stranger)).status).toBe(404);
});

describe('follows', () => {
  const follow = (user: TestUser, other: TestUser) => user.put(`/v1/users/me/following/${other.uid}`);
  const counts = async (reader: TestUser | typeof tenant.backEnd, of: TestUser) =>
    (await reader.get(`/v1/users/${of.uid}/follows`)).body;

  test('[ACC-7] are listed on both sides and counted once each, however many at once', async () => {
    await Promise.all([follow(ann, bob), follow(ann, bob), follow(bob, ann), follow(carol, bob), follow(ann, carol)]);
    expect(await counts(ann, bob)).toEqual({ followers: 2, following: 1, followed: true, followsBack: true });
    expect(await counts(bob, carol)).toEqual({ followers: 1, following: 1, followed: false, followsBack: true });
    expect(await counts(tenant.backEnd, ann)).toEqual({
      followers: 1,
      following: 2,
      followed: null,
      followsBack: null,
    });
    expect(idsOf(await ann.get(`/v1/users/${bob.uid}/followers`))).toEqual([ann.uid, carol.uid].toSorted());
    const first = await ann.get(`/v1/users/${ann.uid}/following?limit=1`);
    const second = await ann.get(`/v1/users/${ann.uid}/following?limit=1&cursor=${first.body.next}`);
    expect([...idsOf(first), ...idsOf(second)]).toEqual([bob.uid, carol.uid].toSorted());
    expect(second.body.next).toBeNull();

    const unfollow = () => ann.delete(`/v1/users/me/following/${bob.uid}`);
    expect((await Promise.all([unfollow(), unfollow()])).map(({ status }) => status)).toEqual([204, 204]);
    expect(await counts(ann, bob)).toEqual({ followers: 1, following: 1, followed: false, followsBack: true });
    expect((await follow(ann, ann)).status).toBe(400);
  });

  test('[ACC-7] that begin at once wait for each other, not for ever, though counts are not there yet', async () => {
    const [low, high] = [ann, bob].toSorted((one, other) => (one.uid < other.uid ? -1 : 1)) as [TestUser, TestUser];
    const follows = [{ uid: low.uid, followed: high.uid }];
    expect((await carol.put(`/v1/users/me/following/${high.uid}`)).status).toBe(204);
    const { sql, close } = openStore({ url: house.config.databaseUrl, poolSize: 2 });
    onTestFinished(close);
    const { later } = await sql.begin(async (tx) => {
      await insertFollows(tx, tenant.tid, [{ uid: low.uid, followed: carol.uid }]);
      const later = sql.begin((other) => insertFollows(other, tenant.tid, follows));
      await vi.waitUntil(async () => (await lockWaits(database(house))) > 0, 60_000);
      await tx`select from follow_counts where user_id = ${high.uid} for no key update`;
      return { later };
    });
    expect(await later).toEqual(follows);
    expect((await high.get(`/v1/users/${high.uid}/follows`)).body).toMatchObject({ followers: 2 });
  });

  test('[ACC-7] are bounded exactly, however many at once', async () => {
    await follow(ann, bob);
    const sql = database(house);
    await sql`update follow_counts set following = ${LIMITS.followsPerUser - 1} where user_id = ${ann.uid}`;
    const dora = await tenant.user('dora');
    const answers = await Promise.all([carol, dora, carol, dora].map((other) => follow(ann, other)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 204, 413, 413]);
    expect(answers.find(({ status }) => status === 413)?.body.code).toBe('too_large');
    expect(await counts(ann, ann)).toMatchObject({ following: LIMITS.followsPerUser });
    expect((await follow(ann, bob)).status).toBe(204);
  });

  test('[BLK-3] end with a block, in both directions, and do not begin while it lasts', async () => {
    await Promise.all([follow(ann, bob), follow(bob, ann), follow(carol, ann)]);
    await block(ann, bob);
    expect(await counts(carol, ann)).toMatchObject({ followers: 1, following: 0 });
    expect(await counts(carol, bob)).toMatchObject({ followers: 0, following: 0 });
    for (const answer of [await follow(ann, bob), await follow(bob, ann)]) {
      expect(refusal(answer)).toEqual([403, 'blocked']);
    }
    await unblock(ann, bob);
    expect((await follow(bob, ann)).status).toBe(204);
    const sql = database(house);
    const wrong = await sql`
      select from follow_counts c where tenant_id = ${tenant.tid} and (followers, following) is distinct from (
        (select count(*) from user_follows f where f.followed_id = c.user_id),
        (select count(*) from user_follows f where f.user_id = c.user_id)
      )`;
    expect(wrong).toHaveLength(0);
  });
});
