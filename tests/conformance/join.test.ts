import { LIMITS } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fill, joinAll, newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let room: Room<'ann' | 'bob'>;

beforeAll(async () => {
  system = await startSystem({ chatServices: 2 });
  room = await newRoom(system, 'ann', 'bob');
});
afterAll(() => system.stop());

test('[JOIN-1] without since nothing old comes, everything new does', async () => {
  const { cid, users } = room;
  const ann = await system.connect(users.ann);
  const before = await fill(ann, cid, 5);
  const bob = await system.connect(users.bob, { gateway: 1 });
  expect((await bob.join(cid)).head).toBe(before);
  const last = await fill(ann, cid, 5);
  await bob.record.next('message', { cid, seq: last });
  expect(bob.record.seqs(cid)).toEqual(range(before + 1, last));
});

test('[JOIN-2] joined comes first and says where the conversation stands', async () => {
  const { cid, users } = room;
  const ann = await system.connect(users.ann);
  const seq = await ann.sayAndWait(cid, 'one more');
  await ann.join(cid, { since: seq });
  ann.sendFrame({ t: 'edit', cid, seq, body: { text: 'better' }, ref: 'e' });
  const { rev } = await ann.record.next('update', { cid, seq });
  ann.sendFrame({ t: 'read', cid, pos: seq });
  await ann.record.next('read', { cid, pos: seq });
  const bob = await system.connect(users.bob, { gateway: 1 });
  const joined = await bob.join(cid, { since: 0, rev: 0 });
  expect(joined).toMatchObject({ cid, head: seq, rev, epoch: 0, first: 1 });
  expect(joined.reads).toMatchObject({ [users.ann.userId]: seq });
  await bob.record.next('message', { cid, seq });
  expect(bob.frames.findIndex(({ t }) => t === 'joined')).toBeLessThan(
    bob.frames.findIndex(({ t }) => t === 'message'),
  );
});

test('[JOIN-3] no hole and no repeat at the seam while others keep sending', { timeout: 240_000 }, async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const ann = await system.connect(users.ann);
  await fill(ann, cid, 300);
  const enough = new AbortController();
  const talk = (async () => {
    while (!enough.signal.aborted) await fill(ann, cid, 40);
  })();
  const joiners = [];
  for (const i of range(0, 19)) {
    const joiner = await system.connect(users.bob, { gateway: i % 2, encoding: i % 4 < 2 ? 'json' : 'msgpack' });
    const since = (i * 37) % 300;
    const { head } = await joiner.join(cid, { since });
    await joiner.record.until('some live ones', () => (joiner.record.seqs(cid).at(-1) ?? 0) > head + 20, 60_000);
    joiners.push({ joiner, since });
  }
  enough.abort();
  await talk;
  const end = await ann.sayAndWait(cid, 'the end');
  for (const { joiner, since } of joiners) {
    await joiner.record.next('message', { cid, seq: end });
    expect(joiner.record.seqs(cid)).toEqual(range(since + 1, end));
  }
});

test('[JOIN-4] a cursor beyond the head is refused with where the conversation stands', async () => {
  const { cid } = room;
  const { ann, bob } = await joinAll(system, room);
  const head = await ann.sayAndWait(cid, 'head');
  const other = await system.connect(room.users.bob);
  other.sendFrame({ t: 'join', cid, since: head + 1 });
  await other.record.next('error', { code: 'cursor_ahead', cid, head, epoch: 0 });
  const seq = await ann.sayAndWait(cid, 'next');
  await bob.record.next('message', { cid, seq });
  await other.settle();
  expect(other.record.of('joined')).toEqual([]);
  expect(other.record.messages(cid)).toEqual([]);
  await other.join(cid, { since: seq });
});

test('[JOIN-5] so is a cursor of another epoch', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const ann = await system.connect(users.ann);
  const head = await fill(ann, cid, 5);
  await system.sql`update conversations set epoch = 3 where conversation_id = ${cid}`;
  const bob = await system.connect(users.bob, { gateway: 1 });
  bob.sendFrame({ t: 'join', cid, since: 1, rev: 0, epoch: 2 });
  await bob.record.next('error', { code: 'cursor_ahead', cid, head, epoch: 3 });
  expect(await bob.join(cid, { since: 0, epoch: 3 })).toMatchObject({ epoch: 3 });
  await bob.record.next('message', { cid, seq: head });
});

test('[JOIN-6] a second join moves the cursor and starts again', async () => {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const ann = await system.connect(users.ann);
  const head = await fill(ann, cid, 10);
  const bob = await system.connect(users.bob, { gateway: 1 });
  await bob.join(cid, { since: head - 2 });
  await bob.record.next('message', { cid, seq: head });
  const mark = bob.frames.length;
  await bob.join(cid, { since: head - 5 });
  const end = await ann.sayAndWait(cid, 'more');
  await bob.record.next('message', { cid, seq: end });
  const again = bob.frames.slice(mark).filter(({ t }) => t === 'message') as { seq: number }[];
  expect(again.map(({ seq }) => seq)).toEqual(range(head - 4, end));
});

test('[JOIN-7] unknown, foreign and other people’s conversations', async () => {
  const { cid, users, tenant } = room;
  const foreign = await newRoom(system, 'eve');
  const private_ = await tenant.channel(users.bob);
  const ann = await system.connect(users.ann);
  const cases = { [crypto.randomUUID()]: 'not_found', [foreign.cid]: 'not_found', [private_]: 'not_member' } as const;
  for (const [asked, code] of Object.entries(cases)) {
    ann.sendFrame({ t: 'join', cid: asked, since: 0 });
    await ann.record.next('error', { cid: asked, code });
  }
  expect(await ann.join(cid)).toMatchObject({ cid });
});

test('[JOIN-8] after leave nothing comes; leaving twice does no harm', async () => {
  const { cid } = room;
  const { ann, bob } = await joinAll(system, room);
  bob.sendFrame({ t: 'leave', cid });
  bob.sendFrame({ t: 'leave', cid });
  await bob.settle();
  const mark = bob.frames.length;
  const seq = await ann.sayAndWait(cid, 'gone?');
  const witness = await system.connect(room.users.bob, { gateway: 1 });
  await witness.join(cid, { since: seq - 1 });
  await witness.record.next('message', { cid, seq });
  await bob.settle();
  expect(bob.frames.slice(mark).filter(({ t }) => t !== 'pong')).toEqual([]);
  await bob.join(cid, { since: seq - 1 });
  await bob.record.next('message', { cid, seq });
});

test('[JOIN-9] a session joins a bounded number of conversations', async () => {
  const { tid, users, cid } = await newRoom(system, 'ann');
  const count = LIMITS.joinedConversations;
  const cids = range(1, count).map(() => crypto.randomUUID());
  await system.sql`
    insert into conversations (conversation_id, tenant_id, kind, created_by)
    select id, ${tid}, 'private', ${users.ann.userId} from unnest(${cids}::uuid[]) as id`;
  await system.sql`
    insert into participants (conversation_id, user_id, tenant_id, role)
    select id, ${users.ann.userId}, ${tid}, 'owner' from unnest(${cids}::uuid[]) as id`;
  const ann = await system.connect(users.ann);
  for (let from = 0; from < count; from += LIMITS.resumeConversations) {
    const part = cids.slice(from, from + LIMITS.resumeConversations);
    ann.sendFrame({ t: 'resume', pos: Object.fromEntries(part.map((id) => [id, [0, 0] as [number, number]])) });
  }
  await ann.record.until('all joined', () => ann.record.of('joined').length === count, 60_000);
  ann.sendFrame({ t: 'join', cid });
  await ann.record.next('error', { cid, code: 'too_large' });
  ann.sendFrame({ t: 'leave', cid: cids[0]! });
  await ann.join(cid);
});
