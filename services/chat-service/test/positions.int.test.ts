/** Read and received positions on real PostgreSQL. */
import { randomUUID } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import { type RpcItem } from '@messagecore/protocol/bus';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Store, Transaction } from '../src/platform/database/connect.ts';
import type { ConversationDeps } from '../src/core/conversations/conversation-transaction.ts';
import { moveDelivered, moveReads, type ReadMove } from '../src/core/positions/move-positions.ts';
import { readMembers } from '../src/core/positions/position-queries.ts';
import { leaveConversation } from '../src/core/conversations/remove-participant.ts';
import { updateParticipant } from '../src/core/conversations/update-participant.ts';
import { lockWaits } from './locks.ts';
import { createDatabase, createRoom, messageTo, newAppender, newMid, type Room, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await createDatabase();
  store = database.store;
});

afterAll(() => database.drop());

async function roomOf(messages: number, members = 2): Promise<Room> {
  const room = await createRoom(store, { members });
  await newAppender(store).appendAll(Array.from({ length: messages }, () => messageTo(room)));
  return room;
}

const report = ({ tid, cid, users }: Room, user: number, pos: number): RpcItem<'read'> => ({
  ...{ tid, cid, uid: users[user] ?? randomUUID(), pos },
});

async function read(items: readonly RpcItem<'read'>[], at: Store = store) {
  const moves: ReadMove[] = [];
  const outcomes = await moveReads({ sql: at.sql, onMoves: (moved) => moves.push(...moved) }, items);
  return { moves, told: outcomes.map((outcome) => (outcome instanceof ChatError ? outcome.code : outcome)) };
}

test('[READ-1] [READ-2] [READ-3] a read position moves forward, to the head at most, and is told only then', async () => {
  const room = await roomOf(10);
  const move = (user: number, pos: number) => ({ tid: room.tid, cid: room.cid, userId: room.users[user]!, pos });
  expect(await read([report(room, 1, 4)])).toEqual({ told: [{ pos: 4, unread: 6 }], moves: [move(1, 4)] });
  expect(await read([report(room, 1, 4)])).toEqual({ told: [{ pos: 4, unread: 6 }], moves: [] });
  expect(await read([report(room, 1, 2)])).toEqual({ told: [{ pos: 4, unread: 6 }], moves: [] });
  expect(await read([report(room, 1, 99)])).toEqual({ told: [{ pos: 10, unread: 0 }], moves: [move(1, 10)] });
});

test('[READ-4] of several reports in a batch the furthest wins and is told once', async () => {
  const [room, other] = [await roomOf(10), await roomOf(5)];
  const { told, moves } = await read([
    report(room, 1, 3),
    report(other, 0, 2),
    report(room, 1, 7),
    report(room, 0, 1),
    report(room, 1, 5),
  ]);
  expect(told).toEqual([
    { pos: 7, unread: 3 },
    { pos: 2, unread: 0 },
    { pos: 7, unread: 3 },
    { pos: 1, unread: 0 },
    { pos: 7, unread: 3 },
  ]);
  expect(moves.map(({ cid, pos }) => [cid, pos])).toEqual([
    [other.cid, 2],
    [room.cid, 7],
    [room.cid, 1],
  ]);
});

test('[SIG-1] [TEN-1] strangers and other tenants are refused, each by itself', async () => {
  const room = await roomOf(3);
  const foreign = { ...report(room, 0, 1), tid: randomUUID() };
  const unknown = { ...report(room, 0, 1), cid: randomUUID() };
  const { told, moves } = await read([report(room, 9, 1), foreign, unknown, report(room, 0, 2)]);
  expect(told).toEqual(['not_member', 'not_found', 'not_found', { pos: 2, unread: 0 }]);
  expect(moves).toHaveLength(1);
});

test('[READ-4] concurrent reports of two instances end at the furthest, and none waits for ever', async () => {
  const rooms = await Promise.all([1, 2, 3, 4].map(() => roomOf(50)));
  const other = database.open();
  const rounds = Array.from({ length: 40 }, (_, n) => {
    const items = rooms.flatMap((room) => [0, 1].map((user) => report(room, user, n + 1)));
    return read(n % 2 ? items : items.toReversed(), n % 2 ? store : other);
  });
  await Promise.all(rounds);
  const last = await read(rooms.map((room) => report(room, 1, 0)));
  expect(last.told).toEqual(rooms.map(() => ({ pos: 40, unread: 10 })));
});

const lock = (tx: Transaction, { cid }: Room, uid: string) =>
  tx`select from participants where conversation_id = ${cid} and user_id = ${uid} for update`;

const backEnd = ({ tid }: Room) => ({ tid, uid: undefined });

function commandDeps(): ConversationDeps {
  const nothing = () => {};
  const { sql, manage } = database.open();
  return {
    ...{ sql, manage, publish: nothing, newMid },
    inTurn: (_, work) => work(),
    publishEvents: nothing,
    onAdded: [],
  };
}

/** Two participants in the order of their ids, the second of whom is the owner. */
async function ownedByTheSecond() {
  const room = await roomOf(3);
  const [first = '', second = ''] = room.users.toSorted();
  await store.sql`
    update participants set role = case when user_id = ${second}::uuid then 'owner' else 'member' end
    where conversation_id = ${room.cid}`;
  return { room, first, second };
}

type Handing = (room: Room, to: string, from: string) => Promise<unknown>;

test.each<[string, Handing]>([
  ['given', (room, to) => updateParticipant(commandDeps(), backEnd(room), room.cid, to, { role: 'owner' })],
  ['left', (room, _, from) => leaveConversation(commandDeps(), { tid: room.tid, uid: from }, room.cid)],
])('[READ-4] ownership that is %s takes its rows in the order of reports', async (_, handOver) => {
  const { room, first, second } = await ownedByTheSecond();
  let handing: Promise<unknown> | undefined;
  await store.sql.begin(async (report) => {
    await lock(report, room, first);
    handing = handOver(room, first, second);
    await expect.poll(() => lockWaits(store.sql)).toBe(1);
    await report`set local lock_timeout = '1s'`;
    await lock(report, room, second);
  });
  await handing;
  const [owner] = await store.sql`
    select user_id from participants where conversation_id = ${room.cid} and role = 'owner'`;
  expect(owner?.['user_id']).toBe(first);
});

test('[READ-4] reports that did not get their lock are stored at the second try', async () => {
  const room = await roomOf(3);
  let reading: ReturnType<typeof read> | undefined;
  await database.open().sql.begin(async (tx) => {
    await lock(tx, room, room.users[0]!);
    reading = read([report(room, 0, 2), report(room, 1, 2)]);
    await expect.poll(() => lockWaits(store.sql)).toBe(1);
    await store.sql`
      select pg_cancel_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
  });
  const { told, moves } = await reading!;
  expect(told).toEqual([
    { pos: 2, unread: 0 },
    { pos: 2, unread: 1 },
  ]);
  expect(moves).toHaveLength(2);
});

test('[ACK-1] [ACK-2] each device keeps its own position, forward only, to the head at most', async () => {
  const room = await roomOf(10);
  const ack = (user: number, clientId: string, pos: number) => ({ ...report(room, user, pos), clientId });
  const acked = async (...items: RpcItem<'ack'>[]) =>
    (await moveDelivered(store.sql, items)).map((outcome) =>
      outcome instanceof ChatError ? outcome.code : outcome.pos,
    );

  expect(await acked(ack(1, 'phone', 4), ack(1, 'laptop', 99), ack(1, 'phone', 6), ack(0, 'phone', 1))).toEqual([
    6, 10, 6, 1,
  ]);
  expect(await acked(ack(1, 'phone', 5), ack(1, 'say "hi"', 0))).toEqual([6, 0]);
  expect(await acked(ack(9, 'phone', 1), { ...ack(1, 'phone', 7), tid: randomUUID() }, ack(1, 'phone', 7))).toEqual([
    'not_member',
    'not_found',
    7,
  ]);
  const rows = await store.sql`
    select client_id as device, acked_seq as pos from device_cursors
    where conversation_id = ${room.cid} and user_id = ${room.users[1]!} order by 1`;
  expect(rows).toEqual([
    { device: 'laptop', pos: 10 },
    { device: 'phone', pos: 7 },
    { device: 'say "hi"', pos: 0 },
  ]);
});

test('[ACK-2] a device’s position goes with the membership', async () => {
  const room = await roomOf(3);
  await moveDelivered(store.sql, [{ ...report(room, 1, 2), clientId: 'phone' }]);
  await store.sql`delete from participants where conversation_id = ${room.cid} and user_id = ${room.users[1]!}`;
  expect(await store.sql`select from device_cursors where conversation_id = ${room.cid}`).toHaveLength(0);
});

test('a report costs the same when many messages came after its statement was prepared', async () => {
  const small = await createDatabase();
  onTestFinished(() => small.drop());
  const room = await createRoom(small.store, { members: 2 });
  const append = (count: number) =>
    newAppender(small.store).appendAll(Array.from({ length: count }, () => messageTo(room)));
  await append(3);
  const session = await small.store.sql.reserve();
  const scans = async () => {
    await session`select pg_stat_force_next_flush()`;
    const [row] = await session<{ seq_scan: number }[]>`
      select seq_scan from pg_stat_user_tables where relname = 'messages'`;
    return row!.seq_scan;
  };
  const readThere = (pos: number) => moveReads({ sql: session, onMoves: () => {} }, [report(room, 1, pos)]);
  try {
    // The plan of a table that is known to be small.
    await session`vacuum analyze messages`;
    for (let n = 0; n < 12; n += 1) await readThere(1);
    await append(1_000);
    const before = await scans();
    await readThere(900);
    expect(await scans()).toBe(before);
  } finally {
    session.release();
  }
});

test('[LSN-1] [PERM-1] whoever may be in a room is told apart by whether it takes part', async () => {
  const room = await createRoom(store, { members: 3 });
  const [ann, bob, cyd] = room.users as [string, string, string];
  const { tid, cid } = room;
  await store.sql`delete from participants where conversation_id = ${cid} and user_id = ${cyd}`;
  const asked = async () => {
    const [answer] = await readMembers(store.sql, [{ tid, cid, users: [ann, bob, cyd, randomUUID()] }]);
    if (answer instanceof ChatError || answer === undefined) throw new Error('no answer');
    return { users: answer.users.toSorted(), listeners: answer.listeners };
  };
  expect(await asked()).toEqual({ users: [ann, bob].toSorted(), listeners: undefined });
  await store.sql`update conversations set kind = 'public', open_to_listeners = true where conversation_id = ${cid}`;
  expect(await asked()).toEqual({ users: [ann, bob, cyd].toSorted(), listeners: [cyd] });
});
