/** What changes, memberships and devices cost, and that none of them takes what others need. */
import { randomUUID } from 'node:crypto';
import { createUlid } from '@messagecore/kernel';
import { RATE_PROFILES } from '@messagecore/protocol';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Answer } from './client.ts';
import { listen } from './listen.ts';
import { lockWaits } from './locks.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

/** So slow that nothing comes back while a test runs. */
const perSecond = 0.02;
const mid = createUlid();

let house: TestService;
let tenant: TestTenant;

beforeAll(async () => {
  house = await startTestService({
    // Nobody answers there, so that the process counts by itself, however slow the machine is.
    redisUrl: 'redis://127.0.0.1:1',
    limits: {
      ...RATE_PROFILES.load,
      sendsPerUser: { perSecond, burst: 10 },
      sendsPerRoom: { perSecond, burst: 14 },
      membershipsPerUser: { perSecond, burst: 20 },
      membershipsPerTenant: { perSecond, burst: 100 },
    },
  });
  tenant = await createTestTenant(house);
});
afterAll(() => house.stop());

const codes = (answers: readonly Answer[]) => answers.map(({ status }) => status);

async function inTurn(count: number, ask: (n: number) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let n = 0; n < count; n += 1) answers.push(await ask(n));
  return answers;
}

/** A room with one message of its owner, who is called by the first name. */
async function roomOf(owner: TestUser, ...others: string[]) {
  const { body } = await owner.post('/v1/conversations', { kind: 'public', participants: others });
  const path = `/v1/conversations/${body.cid}`;
  await owner.post(`${path}/messages`, { mid: mid(), kind: 'text', body: { text: 'first' } });
  return path;
}

describe('changes of messages', () => {
  test('[LIM-10] an edit costs its user two sends, with the time to wait', async () => {
    const ann = await tenant.user('ann');
    const room = await roomOf(ann);
    const edits = await inTurn(6, (n) => ann.patch(`${room}/messages/1`, { body: { text: `${n}` } }));
    expect(codes(edits)).toEqual([200, 200, 200, 200, 429, 429]);
    expect(edits[4]?.body.code).toBe('rate_limited');
    // One token is left, and an edit takes two.
    expect(edits[4]?.body.retryAfterMs).toBeGreaterThan(40_000);
    expect((await ann.put(`${room}/messages/1/reactions/${encodeURIComponent('👍')}`)).status).toBe(200);
    expect((await ann.post(`${room}/messages`, { mid: mid(), kind: 'text', body: { text: 'x' } })).status).toBe(429);
  });

  test('[LIM-10] a reaction and a recall cost one of the user and one of the room', async () => {
    const [bea, cem] = [await tenant.user('bea'), await tenant.user('cem')];
    const room = await roomOf(bea, 'ext:cem');
    const react = (user: TestUser, on: boolean) => {
      const path = `${room}/messages/1/reactions/${encodeURIComponent('🎉')}`;
      return on ? user.put(path) : user.delete(path);
    };
    expect(codes(await inTurn(8, (n) => react(bea, n % 2 === 0)))).toEqual(Array.from({ length: 8 }, () => 200));
    // Of the room's 14 the message and these have taken 9.
    expect(codes(await inTurn(6, (n) => react(cem, n % 2 === 0)))).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await bea.delete(`${room}/messages/1`)).status).toBe(429);
  });

  test('[LIM-10] what nobody lets one do costs the room nothing', async () => {
    const [dan, eli, fay] = [await tenant.user('dan'), await tenant.user('eli'), await tenant.user('fay')];
    const room = await roomOf(dan, 'ext:eli');
    const edit = (user: TestUser) => user.patch(`${room}/messages/1`, { body: { text: 'mine' } });
    expect(codes(await inTurn(5, () => edit(eli)))).toEqual([403, 403, 403, 403, 403]);
    expect(codes(await inTurn(5, () => edit(fay)))).toEqual([403, 403, 403, 403, 403]);
    expect(codes(await inTurn(5, () => edit(eli)))).toEqual([429, 429, 429, 429, 429]);
    expect(codes(await inTurn(4, (n) => dan.patch(`${room}/messages/1`, { body: { text: `${n}` } })))).toEqual([
      200, 200, 200, 200,
    ]);
  });

  test('[REV-10] nothing that a path cannot name is a reaction, and what is none is refused', async () => {
    const gus = await tenant.user('gus');
    const room = await roomOf(gus);
    for (const bad of ['%2E', '%2E%2E', '__proto__', 'constructor']) {
      const answer = await gus.put(`${room}/messages/1/reactions/${bad}`);
      expect([400, 404]).toContain(answer.status);
    }
    expect((await gus.get(`${room}/messages`)).body.items[0]).not.toHaveProperty('reactions');
  });
});

describe('memberships', () => {
  test('[LIM-11] a conversation costs its creator by its participants, five at least', async () => {
    const hal = await tenant.user('hal');
    const names = Array.from({ length: 8 }, (_, n) => `hal-${n}`);
    for (const name of names) await tenant.user(name);
    const create = (participants: readonly string[]) => hal.post('/v1/conversations', { kind: 'public', participants });
    expect((await create(names.map((name) => `ext:${name}`))).status).toBe(201);
    expect(codes(await inTurn(3, () => create(['ext:hal-0'])))).toEqual([201, 201, 429]);
  });

  test('[LIM-11] adding, joining, leaving and removing cost one each, of the user and of the tenant', async () => {
    const other = await createTestTenant(house);
    const ida = await other.user('ida');
    const names = Array.from({ length: 20 }, (_, n) => `ida-${n}`);
    for (const name of names) await other.user(name);
    const { body } = await ida.post('/v1/conversations', { kind: 'public', participants: [] });
    const users = names.map((name) => `ext:${name}`);
    const add = (caller: Pick<TestUser, 'post'>, some: readonly string[]) =>
      caller.post(`/v1/conversations/${body.cid}/participants`, { users: some });
    expect((await add(ida, users.slice(0, 16))).status).toBe(429);
    expect((await add(ida, users.slice(0, 15))).status).toBe(200);
    expect((await ida.delete(`/v1/conversations/${body.cid}/participants/ext:ida-0`)).status).toBe(429);
    // The tenant's back end has no limit of its own but the tenant's: of 100 these have taken 20.
    const all = await inTurn(5, () => add(other.backEnd, users));
    expect(codes(all)).toEqual([200, 200, 200, 200, 429]);
    expect((await add(tenant.backEnd, [])).status).not.toBe(429);
  });
});

test('[LIM-11] everybody in a large conversation is told of its end, once, and others are answered meanwhile', async () => {
  const owner = await tenant.user('mia');
  const room = await roomOf(owner);
  const cid = room.split('/').at(-1) ?? '';
  const sql = database(house);
  const members = Array.from({ length: 2_500 }, () => randomUUID());
  await sql`
    insert into participants (conversation_id, user_id, tenant_id)
    select ${cid}::uuid, member, ${tenant.tid}::uuid from unnest(${members}::uuid[]) as member`;
  const heard = await listen(house, `user.${tenant.tid}.*`);
  expect((await owner.delete(room)).status).toBe(204);
  await vi.waitUntil(() => heard.length >= members.length + 1, 60_000);
  expect(heard.every((event) => event['cid'] === cid && event['conv'] === 'deleted')).toBe(true);
  const after = await tenant.user('nia');
  const { body } = await after.post('/v1/conversations', { kind: 'public', participants: [] });
  await vi.waitUntil(() => heard.some((event) => event['cid'] === body.cid), 60_000);
  expect(heard).toHaveLength(members.length + 2);
});

test('[LIM-10] forgetting a device costs five sends', async () => {
  const jan = await tenant.user('jan');
  expect(codes(await inTurn(3, (n) => jan.delete(`/v1/devices/made-up-${n}`)))).toEqual([204, 204, 429]);
});

test('[LIM-10] changes that wait for one conversation keep no connection from those who read', async () => {
  const free = await startTestService();
  const [kim, lee] = await createTestTenant(free).then((of) => Promise.all([of.user('kim'), of.user('lee')]));
  const room = await roomOf(kim);
  const sql = await database(free).reserve();
  await sql`begin`;
  await sql`select from conversations where conversation_id = ${room.split('/').at(-1) ?? ''} for update`;
  const waiting = Array.from({ length: 30 }, (_, n) => [
    kim.patch(`${room}/messages/1`, { body: { text: `${n}` } }),
    kim.patch(room, { topic: `${n}` }),
  ]).flat();
  const observer = database(free);
  await vi.waitUntil(async () => (await lockWaits(observer)) >= 2, 60_000);
  for (let n = 0; n < 5; n += 1) expect((await lee.get('/v1/conversations')).status).toBe(200);
  expect((await lee.post('/v1/conversations', { kind: 'public', participants: [] })).status).toBe(201);
  // One for the changes of its messages, one for those of itself.
  expect(await lockWaits(observer)).toBeLessThanOrEqual(2);
  await sql`rollback`;
  sql.release();
  await Promise.all(waiting);
  await free.stop();
});
