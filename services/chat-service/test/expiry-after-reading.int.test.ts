/** Messages that expire after everybody else has read them, on real PostgreSQL. */
import { ChatError } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ConversationDeps } from '../src/core/conversations/conversation-transaction.ts';
import { leaveConversation } from '../src/core/conversations/remove-participant.ts';
import { type Appended, type AppendItem, appendBatch } from '../src/core/messages/append-batch.ts';
import type { ChangeDeps } from '../src/core/messages/change-message.ts';
import { expireMessages } from '../src/core/messages/expire-messages.ts';
import { readerData } from '../src/core/messages/reader-data.ts';
import { createExpiryStarter } from '../src/core/messages/start-expiries.ts';
import type { Committed } from '../src/core/outbox/committed.ts';
import { moveReads } from '../src/core/positions/move-positions.ts';
import type { Store } from '../src/platform/database/connect.ts';
import { createDatabase, createRoom, messageTo, newAppender, newMid, type Room, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await createDatabase();
  store = database.store;
});
afterAll(() => database.drop());

const SECONDS = 3_600;

async function send(room: Room, more: Partial<AppendItem> = {}): Promise<number> {
  const { seq } = await newAppender(store).append(messageTo(room, { expiresAfterRead: SECONDS, ...more }));
  return seq;
}

const reportOf = ({ tid, cid, users }: Room, user: number, pos: number) => ({ tid, cid, uid: users[user]!, pos });

const read = (room: Room, user: number, pos: number, at = store) =>
  moveReads({ sql: at.sql, onMoves: () => {} }, [reportOf(room, user, pos)]);

const nothing = () => {};
/** For looks that end for want of work, not of time. */
const STILL = { monotonic: () => 0 };

/** Returns the frames of what it has changed. */
async function look(deps: Partial<ChangeDeps> = {}): Promise<object[]> {
  const frames: object[] = [];
  const publish = ({ ranges }: Committed) =>
    frames.push(...ranges.flatMap((range) => range.frames.map((frame) => JSON.parse(frame) as object)));
  await createExpiryStarter({ sql: store.sql, publish, clock: STILL, ...deps })();
  return frames;
}

interface Row {
  readonly seq: number;
  readonly rev: number;
  readonly begun: boolean;
  readonly seconds: number | null;
  readonly waits: boolean;
}

/** `seconds` is how long it lives from when its time began. */
const rowsOf = ({ cid }: Room) => store.sql<Row[]>`
  select seq, rev, read_by_all_at is not null as begun, exists (
      select from messages_awaiting_reading a where a.conversation_id = m.conversation_id and a.seq = m.seq
    ) as waits, extract(epoch from expires_at - read_by_all_at)::float8 as seconds
  from messages m where conversation_id = ${cid} and expires_after_read is not null order by seq`;

const begunIn = async (room: Room) => (await rowsOf(room)).filter(({ begun }) => begun).map(({ seq }) => seq);
const notices = async ({ cid }: Room) =>
  (await store.sql`select from reading_notices where conversation_id = ${cid}`).length;

/** Within a moment after the change, by the database's clock, and never before it. */
const lasts = (seconds: number | null | undefined) => {
  expect(seconds).toBeGreaterThanOrEqual(SECONDS - 5);
  expect(seconds).toBeLessThanOrEqual(SECONDS + 60);
};

test('[EXPR-7] [EXPR-8] [EXPR-9] its time begins when all others have read it, once, as a change', async () => {
  const room = await createRoom(store, { members: 3 });
  const seq = await send(room);
  expect(await look()).toEqual([]);
  await read(room, 0, seq);
  await read(room, 1, seq);
  expect(await look()).toEqual([]);
  await read(room, 2, seq - 1);
  expect(await look()).toEqual([]);
  const [before] = await store.sql<
    { now: number }[]
  >`select extract(epoch from clock_timestamp())::float8 * 1000 as now`;
  await read(room, 2, seq);
  const [frame, ...others] = (await look()) as { expiresAt: number }[];
  expect(frame).toMatchObject({ t: 'update', seq, rev: 1, expiresAfterRead: SECONDS, body: { text: 'hello' } });
  expect(frame?.expiresAt).toBeGreaterThanOrEqual(Math.floor(before!.now) + SECONDS * 1_000);
  expect(others).toEqual([]);
  const [row] = await rowsOf(room);
  expect(row).toMatchObject({ rev: 1, begun: true, waits: false });
  lasts(row?.seconds);
  const [stored] = await store.sql<{ at: number }[]>`
    select extract(epoch from expires_at)::float8 * 1000 as at from messages where conversation_id = ${room.cid} and seq = ${seq}`;
  expect(stored?.at).toBe(frame?.expiresAt);
  await read(room, 1, seq + 1);
  expect(await look()).toEqual([]);
  expect(await notices(room)).toBe(0);
});

test('[EXPR-8] of several messages those begin that all others have read; each has its own sender', async () => {
  const room = await createRoom(store, { members: 3 });
  const own = (user: number) => ({ uid: room.users[user]! });
  const seqs = [await send(room), await send(room, own(1)), await send(room, own(2)), await send(room)];
  const [first, second, third, last] = seqs as [number, number, number, number];
  await read(room, 1, third);
  await read(room, 2, second);
  await look();
  expect(await begunIn(room)).toEqual([first]);
  await read(room, 0, last);
  await look();
  // The third is the own one of who is furthest behind.
  expect(await begunIn(room)).toEqual([first, second, third]);
  await read(room, 2, last);
  await look();
  expect(await begunIn(room)).toEqual([first, second, third]);
  await read(room, 1, last);
  await look();
  expect(await begunIn(room)).toEqual(seqs);
});

test('[EXPR-8] of two who read at once, the transactions of whom overlap, the last one is not lost', async () => {
  const room = await createRoom(store, { members: 3 });
  const seq = await send(room);
  await look();
  const one = await store.sql.reserve();
  const two = await store.sql.reserve();
  const move = (at: typeof one, user: number) =>
    at`update participants set last_read_seq = ${seq} where conversation_id = ${room.cid} and user_id = ${room.users[user]!}`;
  await one`begin`;
  await two`begin`;
  await move(one, 1);
  await move(two, 2);
  await two`commit`;
  // It looks between the two commits, and takes the notice of the first away.
  expect(await look()).toEqual([]);
  expect(await notices(room)).toBe(0);
  await one`commit`;
  one.release();
  two.release();
  await look();
  expect(await begunIn(room)).toEqual([seq]);
});

test('[EXPR-8] a notice that is added while somebody looks is left for the next look', async () => {
  const room = await createRoom(store, { members: 3 });
  const seq = await send(room, { uid: room.users[0]! });
  const other = await send(room, { uid: room.users[1]! });
  await look();
  await read(room, 0, other);
  await read(room, 2, other);
  // Both of the others have read the second; the first is read while the change of that one waits for the lock.
  const holder = await store.sql.reserve();
  await holder`begin`;
  await holder`select from conversations where conversation_id = ${room.cid} for update`;
  const looking = look();
  await vi.waitUntil(async () => {
    const [row] = await store.sql<{ waits: number }[]>`
      select count(*)::int as waits from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%last_rev as rev%'`;
    return (row?.waits ?? 0) > 0;
  }, 60_000);
  await read(room, 1, other);
  await holder`rollback`;
  holder.release();
  await looking;
  await look();
  expect(await begunIn(room)).toEqual([seq, other]);
});

test('[EXPR-8] a report that comes while the message is being stored does not count for it, the next one does', async () => {
  const room = await createRoom(store, { members: 2 });
  await send(room, { expiresAfterRead: undefined });
  let seq = 0;
  await store.sql.begin(async (tx) => {
    const { outcomes } = await appendBatch(tx, [messageTo(room, { expiresAfterRead: SECONDS })], [undefined]);
    ({ seq } = outcomes[0] as Appended);
    // Another connection: it does not see what is being stored.
    await read(room, 1, seq);
  });
  await look();
  expect(await begunIn(room)).toEqual([]);
  await read(room, 1, seq);
  await look();
  expect(await begunIn(room)).toEqual([seq]);
});

test('[EXPR-8] readers and senders in a crowd: in the end every message has begun, once', async () => {
  const rooms = await Promise.all([3, 4, 5].map((members) => createRoom(store, { members })));
  const COUNT = 20;
  const stores = [store, database.open(), database.open()];
  const work = rooms.flatMap((room) => [
    ...room.users.slice(0, 2).map(async (uid) => {
      for (let n = 0; n < COUNT; n++) await send(room, { uid });
    }),
    ...room.users.map(async (_, user) => {
      for (let pos = 1; pos <= 2 * COUNT; pos += 3) await read(room, user, pos, stores[user % 3]);
      await vi.waitUntil(async () => {
        await read(room, user, 2 * COUNT, stores[user % 3]);
        const [row] = await store.sql<{ pos: number }[]>`
          select last_read_seq as pos from participants
          where conversation_id = ${room.cid} and user_id = ${room.users[user]!}`;
        return row?.pos === 2 * COUNT;
      }, 60_000);
    }),
  ]);
  let working = true;
  const frames: object[] = [];
  const looks = stores.map(async ({ sql }) => {
    while (working) frames.push(...(await look({ sql })));
  });
  await Promise.all(work);
  working = false;
  await Promise.all(looks);
  frames.push(...(await look()));
  for (const room of rooms) {
    const rows = await rowsOf(room);
    expect(rows).toHaveLength(2 * COUNT);
    expect(rows.every(({ begun, waits }) => begun && !waits)).toBe(true);
    expect(rows.map(({ rev }) => rev).toSorted((a, b) => a - b)).toEqual(rows.map((_, n) => n + 1));
    expect(await notices(room)).toBe(0);
  }
  expect(frames).toHaveLength(rooms.length * 2 * COUNT);
});

test('[EXPR-8] what a process has not finished, or could not change, is found by the next look', async () => {
  const [held, free] = [await createRoom(store, { members: 2 }), await createRoom(store, { members: 2 })];
  for (const room of [held, free]) await read(room, 1, await send(room));
  // Killed between the change and the end of the look.
  await expect(look({ sql: failingAt('delete from reading_notices') })).rejects.toThrow('killed');
  expect(await notices(free)).toBe(2);
  expect(await look()).toEqual([]);
  expect([await notices(free), await notices(held)]).toEqual([0, 0]);
  await read(held, 1, await send(held));
  await look({ sql: failingAt('last_rev as rev') });
  expect(await notices(held)).toBe(2);
  expect(await look()).toHaveLength(1);
  expect(await notices(held)).toBe(0);
});

/** A way to the database on which statements with these words, and with such values, fail. */
function failingAt(words: string, isMeant: (values: readonly unknown[]) => boolean = () => true): Store['sql'] {
  const fails = (target: Store['sql']): Store['sql'] =>
    new Proxy(target, {
      apply(to, self, args: [TemplateStringsArray, ...never[]]): unknown {
        const [statement, ...values] = args;
        const hasWords = Array.isArray(statement) && statement.join('').includes(words);
        if (hasWords && isMeant(values)) return Promise.reject(new Error('killed'));
        return Reflect.apply(to, self, args);
      },
      get(to, key) {
        if (key !== 'begin') return Reflect.get(to, key) as unknown;
        return (run: (tx: Store['sql']) => unknown) => to.begin((tx) => run(fails(tx as never)) as never);
      },
    });
  return fails(store.sql);
}

const newRooms = async (count: number) => {
  const rooms: Room[] = [];
  for (let n = 0; n < count; n++) rooms.push(await createRoom(store, { members: 2 }));
  for (const room of rooms) await read(room, 1, await send(room));
  return rooms;
};
const begunOf = async (rooms: readonly Room[]) => (await Promise.all(rooms.map(begunIn))).flat().length;

test('[EXPR-8] a conversation that fails keeps no other waiting', async () => {
  const [held, free] = (await newRooms(2)) as [Room, Room];
  const sql = failingAt('messages_awaiting_reading', (values) => values.includes(held.cid));
  await expect(look({ sql })).rejects.toThrow('killed');
  expect([await begunOf([held]), await begunOf([free])]).toEqual([0, 1]);
  expect([await notices(held), await notices(free)]).toEqual([2, 0]);
  expect(await look()).toHaveLength(1);
});

test('[EXPR-8] a look that has been long enough, or is to stop, begins no more', async () => {
  const rooms = await newRooms(12);
  let now = 0;
  let onChange: () => void = () => (now = 10_000);
  const start = createExpiryStarter({ sql: store.sql, clock: { monotonic: () => now }, publish: () => onChange() });
  await start();
  const first = await begunOf(rooms);
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThanOrEqual(4);
  const stopping = new AbortController();
  onChange = () => stopping.abort();
  await start(stopping.signal);
  const second = await begunOf(rooms);
  expect(second).toBeGreaterThan(first);
  expect(second).toBeLessThanOrEqual(8);
  await start(stopping.signal);
  expect(await begunOf(rooms)).toBe(second);
  expect(await look()).toHaveLength(12 - second);
});

test('[EXPR-8] those with which a look has ended for want of time are not the first of the next one', async () => {
  const rooms = await newRooms(5);
  const slow = rooms.slice(0, 4).map(({ cid }) => cid);
  let now = 0;
  const sql = failingAt('last_rev as rev', (values) => {
    const isSlow = values.some((value) => slow.includes(value as string));
    if (isSlow) now += 10_000;
    return isSlow;
  });
  const start = createExpiryStarter({ sql, clock: { monotonic: () => now }, publish: nothing });
  await start();
  expect(await begunOf(rooms)).toBe(0);
  await start();
  expect(await begunOf(rooms)).toBe(1);
  expect(await look()).toHaveLength(4);
});

test('[EXPR-8] a look costs the same however many wait for somebody who never reads', async () => {
  const MANY = 20_000;
  const room = await createRoom(store, { members: 3 });
  // A connection without plans from when the tables were small.
  await database.open({ poolSize: 1 }).sql.begin(async (tx) => {
    await tx`set local enable_seqscan = off`;
    await tx`
      insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at, expires_after_read)
      select ${room.cid}, n, ${room.tid}, 'mid ' || n, ${room.users[0]!}, 'device', 'text', '{}', now(), ${SECONDS}
      from generate_series(1, ${MANY}) n`;
  });
  await store.sql`update conversations set last_seq = ${MANY} where conversation_id = ${room.cid}`;
  for (const user of [0, 1]) await read(room, user, MANY);
  await store.sql`delete from reading_notices where conversation_id = ${room.cid} and id <> (select max(id) from reading_notices)`;
  // For the planner all have one sender.
  await store.sql`delete from messages_awaiting_reading where conversation_id <> ${room.cid}`;
  await store.sql`analyze messages_awaiting_reading`;
  const rows = await store.sql.begin(async (tx) => {
    await createExpiryStarter({ sql: tx as never, publish: nothing, clock: STILL })();
    const [touched] = await tx<{ rows: number }[]>`
      select sum(seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_xact_user_tables
      where relname in ('messages', 'messages_awaiting_reading')`;
    return touched!.rows;
  });
  expect(rows).toBeLessThan(1_000);
  expect(await notices(room)).toBe(0);
  // What the one who is behind all others has sent has been read.
  const last = await send(room, { uid: room.users[2]! });
  for (const user of [0, 1]) await read(room, user, last);
  await look();
  expect(await begunIn(room)).toEqual([last]);
});

test('[EXPR-9] who leaves is waited for no more', async () => {
  const room = await createRoom(store, { members: 3 });
  const seq = await send(room);
  await read(room, 1, seq);
  await look();
  expect(await begunIn(room)).toEqual([]);
  const { tid, cid, users } = room;
  const { sql, manage } = database.open();
  const deps: ConversationDeps = {
    ...{ sql, manage, publish: nothing, publishEvents: nothing, newMid, onAdded: [] },
    inTurn: (_, work) => work(),
  };
  await leaveConversation(deps, { tid, uid: users[2]! }, cid);
  await look();
  expect(await begunIn(room)).toEqual([seq]);
});

test('[EXPR-9] where nobody else takes part its time begins at once', async () => {
  const room = await createRoom(store, { members: 1 });
  const seq = await send(room);
  await look();
  expect(await begunIn(room)).toEqual([seq]);
});

test('[EXPR-9] who was erased is waited for no more, who was deactivated is', async () => {
  const room = await createRoom(store, { members: 3 });
  const [, reader, gone] = room.users as [string, string, string];
  const seqs = [await send(room), await send(room, { uid: gone })];
  await read(room, 0, 2);
  await read(room, 1, 2);
  await store.sql`update users set status = 'deactivated' where id = ${gone}`;
  await look();
  expect(await begunIn(room)).toEqual([2]);
  await store.sql`update users set status = 'deleted' where id = ${gone}`;
  await store.sql.begin((tx) => readerData.erase(tx, { tid: room.tid, uid: gone }, 1_000));
  await look();
  expect(await begunIn(room)).toEqual(seqs);
  // So with what is sent later. Where nothing waits for the user nobody has to look.
  const later = await send(room);
  await read(room, 1, later);
  await look();
  expect(await begunIn(room)).toEqual([...seqs, later]);
  await store.sql.begin((tx) => readerData.erase(tx, { tid: room.tid, uid: reader }, 1_000));
  expect(await notices(room)).toBe(0);
});

test('[EXPR-9] what was sent by a user who was merged does not wait for the other one', async () => {
  const room = await createRoom(store, { members: 3 });
  const [, survivor, merged] = room.users as [string, string, string];
  const seq = await send(room, { uid: merged });
  await read(room, 0, seq);
  await store.sql`delete from participants where conversation_id = ${room.cid} and user_id = ${merged}`;
  await look();
  expect(await begunIn(room)).toEqual([]);
  await store.sql`update users set merged_into = ${survivor} where id = ${merged}`;
  await look();
  expect(await begunIn(room)).toEqual([seq]);
});

test('[EXPR-9] nor once the one into whom the sender was merged is merged itself', async () => {
  const room = await createRoom(store, { members: 2 });
  const [first, survivor] = room.users as [string, string];
  const [other] = (await createRoom(store, { tid: room.tid })).users as [string];
  const into = (uid: string, from: string) => store.sql`update users set merged_into = ${uid} where id = ${from}`;
  const seq = await send(room);
  await store.sql`delete from participants where conversation_id = ${room.cid} and user_id = ${first}`;
  await into(other, first);
  await into(survivor, other);
  await look();
  expect(await begunIn(room)).toEqual([]);
  await into(survivor, first);
  await look();
  expect(await begunIn(room)).toEqual([seq]);
});

test('[EXPR-10] a conversation of more than 100 participants takes none, alone and beside others', async () => {
  const [small, large] = [await createRoom(store, { members: 100 }), await createRoom(store, { members: 101 })];
  const refused = { code: 'too_large', message: expect.stringContaining('expiresAfterRead') as string };
  const outcomes = await newAppender(store).appendAll([
    messageTo(small, { expiresAfterRead: 60 }),
    messageTo(large, { expiresAfterRead: 60 }),
    messageTo(large),
  ]);
  expect(outcomes).toMatchObject([{ seq: 1 }, refused, { seq: 1 }]);
  expect(outcomes[1]).toBeInstanceOf(ChatError);
  await expect(send(large)).rejects.toMatchObject(refused);
  await send(large, { expiresAfterRead: undefined });
});

test('[EXPR-6] [EXPR-7] a repeat is known before and after its time has begun; another time is another message', async () => {
  const room = await createRoom(store, { members: 2 });
  const item = messageTo(room, { expiresAfterRead: 60, expiresIn: SECONDS });
  const append = (more: Partial<AppendItem> = {}) => newAppender(store).append({ ...item, ...more });
  const { seq } = await append();
  const check = async () => {
    expect(await append()).toMatchObject({ seq, repeat: true });
    for (const other of [{ expiresAfterRead: 61 }, { expiresAfterRead: undefined }, { expiresIn: 7_200 }])
      await expect(append(other)).rejects.toMatchObject({ code: 'mid_taken' });
  };
  await check();
  await read(room, 1, seq);
  await look();
  expect(await begunIn(room)).toEqual([seq]);
  await check();
});

test('[EXPR-2] [EXPR-7] beside a time to live the earlier one counts; what has expired waits no more', async () => {
  const room = await createRoom(store, { members: 2 });
  const sooner = await send(room, { expiresIn: 60 });
  const later = await send(room, { expiresIn: 7_200 });
  await read(room, 1, sooner);
  await look();
  const [first] = await rowsOf(room);
  expect(first?.seconds).toBeLessThanOrEqual(60);
  await store.sql`update messages set expires_at = now() where conversation_id = ${room.cid} and seq = ${later}`;
  await expireMessages({ sql: store.sql, publish: () => {} }, () => {}, { monotonic: () => 0 });
  expect((await rowsOf(room)).map(({ waits }) => waits)).toEqual([false, false]);
  await read(room, 1, later);
  expect(await look()).toEqual([]);
});

test('[EXPR-8] of many of one conversation so many begin in a look', async () => {
  const room = await createRoom(store, { members: 2 });
  const COUNT = 300;
  await newAppender(store).appendAll(
    Array.from({ length: COUNT }, () => messageTo(room, { expiresAfterRead: SECONDS })),
  );
  await look();
  await read(room, 1, COUNT);
  expect(await look()).toHaveLength(250);
  expect(await look()).toHaveLength(50);
  expect(await notices(room)).toBe(0);
});
