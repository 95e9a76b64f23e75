import { randomUUID } from 'node:crypto';
import type { Bus } from '@messagecore/bus';
import { ChatError, LIMITS, RATE_PROFILES } from '@messagecore/protocol';
import {
  decodeBatch,
  type PageName,
  type PageRequest,
  RPC,
  RPC_BATCH,
  type RpcError,
  type RpcItem,
  type RpcName,
  type RpcResult,
  subjects,
} from '@messagecore/protocol/bus';
import { createUlid } from '@messagecore/kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTestBus } from './listen.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { database, seedMessages } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
let alice: TestUser;
let bob: TestUser;
let stranger: TestUser & { readonly tid: string };

beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
  [alice, bob] = [await tenant.user('alice'), await tenant.user('bob')];
  const other = await createTestTenant(house);
  stranger = { ...(await other.user('stranger')), tid: other.tid };
});
afterAll(() => house.stop());

const stamp = (forMs = 60_000) => ({ asker: 'test', at: Math.floor(performance.now()), now: Date.now(), forMs });

const request = (bus: Bus, name: string, body: unknown) =>
  bus.request(subjects.rpc(name), typeof body === 'string' ? body : JSON.stringify(body), { timeoutMs: 20_000 });

/** Sends one batch; results are checked against the contract. */
async function ask<N extends RpcName>(
  bus: Bus,
  name: N,
  items: readonly RpcItem<N>[],
): Promise<(RpcResult<N> | RpcError)[]> {
  const { items: results } = JSON.parse(Buffer.from(await request(bus, name, { ...stamp(), items })).toString());
  expect(results).toHaveLength(items.length);
  for (const result of results) if (!('error' in result)) RPC[name].result.parse(result);
  return results;
}

async function page<N extends PageName>(bus: Bus, name: N, body: PageRequest<N>) {
  const payload = await request(bus, name, body);
  if (payload.length === 0) return { header: undefined, frames: [] };
  const { header, frames } = decodeBatch(payload);
  return { header, frames: frames.map((frame) => JSON.parse(Buffer.from(frame).toString())) };
}

const errors = (results: readonly object[]) => results.map((result) => ('error' in result ? result.error : 'ok'));

async function createGroup(): Promise<string> {
  const { body } = await alice.post('/v1/conversations', { kind: 'private', name: 'G', participants: ['ext:bob'] });
  return body.cid;
}

describe('open', () => {
  test('good tokens and bad ones in one batch', async () => {
    const bus = await connectTestBus(house);
    const phone = await tenant.user('alice', { clientId: 'phone', ttlSeconds: 60 });
    const results = await ask(bus, 'open', [
      { jwt: phone.token },
      { jwt: 'x' },
      { jwt: bob.token },
      { jwt: stranger.token },
    ]);
    expect(errors(results)).toEqual(['ok', 'unauthorized', 'ok', 'ok']);
    const { framesPerConnection, sendsPerUser } = RATE_PROFILES.load;
    expect(results[0]).toMatchObject({
      tid: tenant.tid,
      uid: alice.uid,
      clientId: 'phone',
      framesPerConnection,
      sendsPerUser,
    });
    expect(results[3]).toMatchObject({ tid: stranger.tid, uid: stranger.uid });
  });

  test('[REVK-1] [REVK-2] [REVK-3] suspended, deactivated and revoked', async () => {
    const bus = await connectTestBus(house);
    const sql = database(house);
    const other = await createTestTenant(house);
    const [gone, phone, left] = [
      await tenant.user('gone'),
      await tenant.user('gina', { clientId: 'p' }),
      await other.user('left'),
    ];
    await sql`update users set status = 'deactivated' where id = ${gone.uid}`;
    await phone.delete('/v1/devices/p');
    await house.operator.post(`/admin/v1/tenants/${other.tid}/suspend`);
    const results = await ask(
      bus,
      'open',
      [gone, phone, left, alice].map(({ token: jwt }) => ({ jwt })),
    );
    expect(errors(results)).toEqual(['forbidden', 'unauthorized', 'tenant_suspended', 'ok']);
  });
});

describe('join, heads, members', () => {
  test('[TEN-1] [JOIN-7] a full batch of good, foreign, unknown and forbidden ones, in order', async () => {
    const bus = await connectTestBus(house);
    const cid = await createGroup();
    await seedMessages(database(house), { tid: tenant.tid, cid, uid: alice.uid }, 3);
    const [at, ab] = [
      { tid: tenant.tid, uid: alice.uid },
      { tid: tenant.tid, uid: bob.uid },
    ];
    const mixed: [RpcItem<'join'>, string][] = [
      [{ ...at, cid }, 'ok'],
      [{ ...at, cid: randomUUID() }, 'not_found'],
      [{ tid: stranger.tid, uid: stranger.uid, cid }, 'not_found'],
      [{ tid: tenant.tid, uid: stranger.uid, cid }, 'not_member'],
      [{ ...ab, cid: cid.toUpperCase() }, 'ok'],
    ];
    const batch = Array.from({ length: RPC_BATCH }, (_, n) => mixed[n % mixed.length]!);
    const results = await ask(
      bus,
      'join',
      batch.map(([item]) => item),
    );
    expect(errors(results)).toEqual(batch.map(([, verdict]) => verdict));
    expect(results[0]).toEqual({
      head: 3,
      rev: 0,
      epoch: 0,
      first: 1,
      access: 0,
      reads: { [alice.uid]: 0, [bob.uid]: 0 },
    });
  });

  test('read positions are left out of large conversations', async () => {
    const bus = await connectTestBus(house);
    const cid = await createGroup();
    const sql = database(house);
    const join = async () => (await ask(bus, 'join', [{ tid: tenant.tid, uid: alice.uid, cid }]))[0];
    const crowd = (count: number) => sql`
      insert into participants (conversation_id, user_id, tenant_id)
      select ${cid}, gen_random_uuid(), ${tenant.tid} from generate_series(1, ${count}::int)`;
    await crowd(LIMITS.readsInJoined - 2);
    expect(Object.keys(((await join()) as RpcResult<'join'>).reads ?? {})).toHaveLength(LIMITS.readsInJoined);
    await crowd(1);
    expect(await join()).not.toHaveProperty('reads');
  });

  test('heads: access moves with membership; what is deleted or foreign is gone', async () => {
    const bus = await connectTestBus(house);
    const [cid, gone] = [await createGroup(), await createGroup()];
    await alice.delete(`/v1/conversations/${gone}`);
    await alice.delete(`/v1/conversations/${cid}/participants/ext:bob`);
    const tid = tenant.tid;
    const results = await ask(bus, 'heads', [
      { tid, cid },
      { tid, cid: gone },
      { tid: stranger.tid, cid },
    ]);
    expect(results[0]).toEqual({ head: 1, rev: 0, epoch: 0, first: 1, access: 1 });
    expect(errors(results)).toEqual(['ok', 'not_found', 'not_found']);
  });

  test('[PERM-3] members: those named who take part now', async () => {
    const bus = await connectTestBus(house);
    const [one, other] = [await createGroup(), await createGroup()];
    await alice.delete(`/v1/conversations/${one}/participants/ext:bob`);
    const users = [bob.uid, stranger.uid, alice.uid];
    const tid = tenant.tid;
    const results = await ask(bus, 'members', [
      { tid, cid: one, users },
      { tid, cid: other, users },
      { tid, cid: other, users: [] },
      { tid: stranger.tid, cid: one, users },
    ]);
    expect(results[0]).toEqual({ access: 1, users: [alice.uid] });
    const second = results[1] as RpcResult<'members'>;
    expect([second.access, second.users.toSorted()]).toEqual([0, [alice.uid, bob.uid].toSorted()]);
    expect(results[2]).toEqual({ access: 0, users: [] });
    expect(errors(results)[3]).toBe('not_found');
  });
});

test('[SIG-3] gained: what a user was added to lately and takes part in, the latest first', async () => {
  const bus = await connectTestBus(house);
  const sql = database(house);
  const [old, first, second, gone] = [
    await createGroup(),
    await createGroup(),
    await createGroup(),
    await createGroup(),
  ];
  await alice.delete(`/v1/conversations/${gone}`);
  const { tid } = tenant;
  for (const [cid, age] of [
    [old, 60],
    [first, 20],
    [second, 10],
  ] as const)
    await sql`
      update participants set joined_at = now() - ${age} * interval '1 second' where conversation_id = ${cid}`;
  await sql`update participants set joined_at = '2020-01-01' where not conversation_id = any(${[old, first, second]})`;
  const within = { tid, withinMs: 30_000 };
  const results = await ask(bus, 'gained', [
    { ...within, uid: bob.uid },
    { ...within, uid: stranger.uid },
    { ...within, tid: stranger.tid, uid: bob.uid },
  ]);
  expect(results).toEqual([{ cids: [second, first] }, { cids: [] }, { cids: [] }]);
});

test('[USER-2] viewers: everybody but guests, and of those who share a conversation; of another tenant nobody', async () => {
  const bus = await connectTestBus(house);
  const own = await createTestTenant(house);
  const [ann, bob, near, far] = [
    await own.user('ann'),
    await own.user('bob'),
    await own.user('n'),
    await own.user('f'),
  ];
  await database(house)`update users set role = 'guest' where id = any(${[near.uid, far.uid]})`;
  await ann.post('/v1/conversations', { kind: 'private', name: 'Room', participants: [near.uid] });
  const users = [ann, bob, near, far, stranger].map(({ uid }) => uid);
  const of = (tid: string, uid: string) => ({ tid, uid, users });
  const asked = [
    of(own.tid, ann.uid),
    of(own.tid, far.uid),
    of(stranger.tid, ann.uid),
    { ...of(own.tid, ann.uid), users: [] },
  ];
  const results = (await ask(bus, 'viewers', asked)) as RpcResult<'viewers'>[];
  const sorted = results.map((each) => [each.users.toSorted(), each.guests]);
  const everybody = [ann.uid, bob.uid].toSorted();
  expect(sorted).toEqual([
    [everybody, [near.uid]],
    [everybody, [far.uid]],
    [[stranger.uid], []],
    [[], []],
  ]);
});

describe('history and changes', () => {
  test('ranges, limits, the tenant’s fence, and the very text', async () => {
    const bus = await connectTestBus(house);
    const cid = await createGroup();
    const strange = 'a\u0000b "\\ \ud83d\ude00 \u2028';
    await seedMessages(database(house), { tid: tenant.tid, cid, uid: alice.uid }, 30, (seq) => `${seq} ${strange}`);
    const tid = tenant.tid;
    const { header, frames } = await page(bus, 'history', { tid, cid, from: 11, to: 25, limit: 10 });
    expect(header).toEqual({ v: 1, type: 'messages', tid, cid, first: 11, last: 20, count: 10 });
    expect(frames.map(({ seq }) => seq)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    expect(frames[0]).toMatchObject({
      t: 'message',
      cid,
      from: alice.uid,
      kind: 'text',
      body: { text: `11 ${strange}` },
      rev: 0,
    });
    expect((await page(bus, 'history', { tid, cid, from: 31, to: 40, limit: 10 })).frames).toEqual([]);
    expect((await page(bus, 'history', { tid: stranger.tid, cid, from: 1, to: 9, limit: 10 })).frames).toEqual([]);
    expect((await page(bus, 'changes', { tid, cid, after: 0, limit: 10 })).frames).toEqual([]);
  });

  test('a page ends at about the size of a batch, and the next goes on', async () => {
    const bus = await connectTestBus(house);
    const cid = await createGroup();
    await seedMessages(database(house), { tid: tenant.tid, cid, uid: alice.uid }, 50, () => 'x'.repeat(16_000));
    const tid = tenant.tid;
    const seqs: number[] = [];
    for (let from = 1; from <= 50;) {
      const { header, frames } = await page(bus, 'history', { tid, cid, from, to: 50, limit: 1_000 });
      expect(frames.length).toBeLessThan(40);
      seqs.push(...frames.map(({ seq }) => seq));
      from = (header?.last ?? 50) + 1;
    }
    expect(seqs).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  });

  test('a wrong request is answered by an error', async () => {
    const bus = await connectTestBus(house);
    const answer = JSON.parse(Buffer.from(await request(bus, 'history', { tid: tenant.tid })).toString());
    expect(answer).toMatchObject({ error: 'bad_request', msg: expect.stringContaining('cid') });
  });
});

describe('send, change, ack, read', () => {
  test('[SEND-6] [SEQ-3] a batch over several rooms: in order, good and bad side by side', async () => {
    const bus = await connectTestBus(house);
    const [one, other] = [await createGroup(), await createGroup()];
    const newMid = createUlid();
    const item = (cid: string, user: { uid: string; tid?: string }, text: unknown, kind = 'text') => {
      const { uid, tid = tenant.tid } = user;
      return { tid, uid, cid, mid: newMid(), clientId: 'c', kind, body: { text } };
    };
    const repeat = item(one, alice, 'first');
    const batch = [
      repeat,
      item(one, bob, ''),
      item(other, bob, 'other'),
      item(one, stranger, 'foreign'),
      item(one, { uid: stranger.uid }, 'no member'),
      item(one, alice, 'x', 'sys'),
      item(one, alice, 'second'),
      repeat,
      item(one, bob, 'third'),
    ];
    const results = await ask(bus, 'send', batch);
    expect(results.map((result) => ('error' in result ? result.error : [result.seq, result.repeat]))).toEqual([
      [1, false],
      'bad_request',
      [1, false],
      'not_found',
      'not_member',
      'unsupported_kind',
      [2, false],
      [1, true],
      [3, false],
    ]);
    const { frames } = await page(bus, 'history', { tid: tenant.tid, cid: one, from: 1, to: 10, limit: 10 });
    expect(frames.map(({ body }) => body.text)).toEqual(['first', 'second', 'third']);
  });

  test('changes are paged with their final states; positions move forward', async () => {
    const bus = await connectTestBus(house);
    const cid = await createGroup();
    await seedMessages(database(house), { tid: tenant.tid, cid, uid: alice.uid }, 3);
    const [at, bt] = [
      { tid: tenant.tid, uid: alice.uid, cid },
      { tid: tenant.tid, uid: bob.uid, cid },
    ];
    const results = await ask(bus, 'change', [
      { ...at, seq: 1, change: { t: 'edit', body: { text: 'e1' } } },
      { ...bt, seq: 1, change: { t: 'edit', body: { text: 'no' } } },
      { ...bt, seq: 2, change: { t: 'react', emoji: '👍', on: true } },
      { ...at, seq: 1, change: { t: 'edit', body: { text: 'e2' } } },
      { ...at, tid: stranger.tid, seq: 1, change: { t: 'recall' } },
    ]);
    expect(results.map((result) => ('error' in result ? result.error : result.rev))).toEqual([
      1,
      'forbidden',
      2,
      3,
      'not_found',
    ]);
    const changes = await page(bus, 'changes', { tid: tenant.tid, cid, after: 0, limit: 10 });
    expect(changes.header).toEqual({ v: 1, type: 'updates', tid: tenant.tid, cid, first: 2, last: 3, count: 2 });
    expect(changes.frames.map(({ t, rev, seq }) => [t, rev, seq])).toEqual([
      ['update', 2, 2],
      ['update', 3, 1],
    ]);

    expect(
      await ask(bus, 'read', [
        { ...bt, pos: 2 },
        { ...at, pos: 99 },
        { ...bt, tid: stranger.tid, pos: 1 },
      ]),
    ).toMatchObject([{ pos: 2, unread: 1 }, { pos: 3, unread: 0 }, { error: 'not_found' }]);
    expect(
      await ask(bus, 'ack', [
        { ...bt, clientId: 'p', pos: 3 },
        { ...bt, clientId: 'p', pos: 1 },
        { ...bt, uid: stranger.uid, clientId: 'p', pos: 1 },
      ]),
    ).toMatchObject([{ pos: 3 }, { pos: 3 }, { error: 'not_member' }]);
  });
});

describe('hostile and broken requests', () => {
  test('an item of a wrong shape is refused alone', async () => {
    const bus = await connectTestBus(house);
    const cid = await createGroup();
    const items = [{ tid: tenant.tid, cid }, { tid: 'x', cid }, null, { cid }, { tid: tenant.tid, cid }];
    const answer = JSON.parse(Buffer.from(await request(bus, 'heads', { ...stamp(), items })).toString());
    expect(errors(answer.items)).toEqual(['ok', 'bad_request', 'bad_request', 'bad_request', 'ok']);
    expect(answer.items[1].msg).toContain('tid');
  });

  test.each([
    '{',
    '[]',
    '{"items":[]}',
    JSON.stringify({ ...stamp(), items: 7 }),
    JSON.stringify({ ...stamp(), items: Array.from({ length: RPC_BATCH + 1 }, () => ({})) }),
  ])('a payload that is no batch is refused as a whole (%#)', async (payload) => {
    const bus = await connectTestBus(house);
    const failed = await request(bus, 'join', payload).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ChatError);
    expect((failed as ChatError).code).toBe('bad_request');
  });
});

test('[AUTH-10] once the service has stopped, requests fail at once', async () => {
  const second = await startTestService();
  const bus = await connectTestBus(second);
  await ask(bus, 'open', [{ jwt: 'x' }]);
  await second.service.stop();
  const failed = await request(bus, 'open', { ...stamp(), items: [] }).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 'unavailable', reason: 'no_responders' });
  await second.stop();
});
