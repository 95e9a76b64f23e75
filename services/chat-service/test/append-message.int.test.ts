/** The send path on real PostgreSQL: order, idempotency, verdicts, failures, and what is left for the relay. */
import { randomUUID } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Store } from '../src/platform/database/connect.ts';
import type { Appended, AppendItem } from '../src/core/messages/append-batch.ts';
import type { Committed } from '../src/core/outbox/committed.ts';
import { changeMessages } from '../src/core/messages/change-message.ts';
import { moveDelivered, moveReads } from '../src/core/positions/move-positions.ts';
import { lockWaits } from './locks.ts';
import {
  createDatabase,
  createRoom,
  createTenant,
  messageTo,
  newAppender,
  newMid,
  type TestDatabase,
} from './rooms.ts';

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await createDatabase();
  store = database.store;
});

afterAll(() => database.drop());

const codeOf = async (outcome: Promise<unknown>) => {
  const error = await outcome.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ChatError ? error.code : error;
};

const storedIn = (cid: string) =>
  store.sql<{ seq: number; mid: string; sender: string; body: string }[]>`
    select seq, mid, sender_id as sender, body::text as body from messages where conversation_id = ${cid} order by seq`;

const headOf = async (cid: string) => {
  const [row] = await store.sql<{ head: number }[]>`
    select last_seq as head from conversations where conversation_id = ${cid}`;
  return row?.head;
};

/** Until a statement of the connections of this name waits for a lock. */
const untilItWaits = (name: string) => vi.waitUntil(async () => (await lockWaits(store.sql, name)) > 0, 60_000);

describe('order', () => {
  test('[SEQ-1] numbers are dense under concurrent senders at several instances', async () => {
    const room = await createRoom(store, { members: 200 });
    const appenders = [newAppender(store), newAppender(database.open()), newAppender(database.open())];
    const sent = await Promise.all(
      room.users.flatMap((uid, n) => [0, 1, 2].map((k) => appenders[(n + k) % 3]!.append(messageTo(room, { uid })))),
    );
    const all = Array.from({ length: 600 }, (_, n) => n + 1);
    expect(sent.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(all);
    expect((await storedIn(room.cid)).map(({ seq }) => seq)).toEqual(all);
    expect(await headOf(room.cid)).toBe(600);
  });

  test('[SEQ-3] what one caller adds to one conversation keeps its order, over many batches and rooms', async () => {
    const tid = await createTenant(store);
    const rooms = await Promise.all([1, 2, 3, 4, 5].map(() => createRoom(store, { tid })));
    const appender = newAppender(store);
    const items = Array.from({ length: 3_000 }, (_, n) => messageTo(rooms[n % 5]!, { body: `{"text":"${n}"}` }));
    const outcomes = await appender.appendAll(items);
    expect(outcomes.filter((outcome) => outcome instanceof ChatError)).toEqual([]);
    for (const [r, room] of rooms.entries()) {
      const texts = (await storedIn(room.cid)).map(({ body }) => body);
      expect(texts).toEqual(Array.from({ length: 600 }, (_, n) => `{"text":"${n * 5 + r}"}`));
    }
  });

  test('[SEND-1] time rises with the number, and is what history tells', async () => {
    const room = await createRoom(store);
    const appender = newAppender(store);
    const sent = await Promise.all([1, 2, 3].map(() => appender.append(messageTo(room))));
    const rows = await store.sql<{ at: number }[]>`
      select (extract(epoch from created_at) * 1000)::bigint as at from messages
      where conversation_id = ${room.cid} order by seq`;
    expect(rows.map(({ at }) => at)).toEqual(sent.map(({ at }) => at));
    expect(Math.abs(sent[0]!.at - Date.now())).toBeLessThan(60_000);
  });
});

test('[SEND-4] the time of storing is taken under the lock, so that it rises with the number over instances', async () => {
  const room = await createRoom(store);
  const waiting = database.open({ applicationName: 'waits for the room' });
  const blocker = await store.sql.reserve();
  await blocker`begin`;
  await blocker`select from conversations where conversation_id = ${room.cid} for update`;
  const sent = newAppender(waiting).append(messageTo(room));
  await untilItWaits('waits for the room');
  const [row] = await blocker<
    { now: number }[]
  >`select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`;
  await blocker`commit`;
  blocker.release();
  expect((await sent).at).toBeGreaterThanOrEqual(row!.now);
});

describe('idempotency', () => {
  test('[IDM-1] a repeat gets the first number and time, and stores nothing', async () => {
    const room = await createRoom(store);
    const appender = newAppender(store);
    const item = messageTo(room, { replyTo: undefined });
    const first = await appender.append(item);
    await appender.append(messageTo(room));
    expect(first.repeat).toBe(false);
    expect(await appender.append({ ...item, clientId: 'another device' })).toEqual({ ...first, repeat: true });
    expect(await headOf(room.cid)).toBe(2);
  });

  test('[IDM-5] repeats at the same time, in one instance and in several, store one message', async () => {
    const room = await createRoom(store);
    const appenders = [newAppender(store), newAppender(database.open()), newAppender(database.open())];
    const items = Array.from({ length: 20 }, () => messageTo(room));
    const sent = await Promise.all(
      items.flatMap((item) =>
        [0, 1, 2, 0, 1, 2].map((n) => appenders[n]!.append(item).then((r) => [item.mid, r] as const)),
      ),
    );
    const seqOf = new Map<string, Set<number>>(items.map(({ mid }) => [mid, new Set()]));
    for (const [mid, { seq }] of sent) seqOf.get(mid)!.add(seq);
    expect([...seqOf.values()].map((seqs) => seqs.size)).toEqual(items.map(() => 1));
    expect(sent.filter(([, { repeat }]) => !repeat)).toHaveLength(20);
    expect(await headOf(room.cid)).toBe(20);
  });

  test('[IDM-2] the same mid with anything else differing is taken', async () => {
    const room = await createRoom(store, { members: 2 });
    const appender = newAppender(store);
    await appender.appendAll([messageTo(room), messageTo(room)]);
    const item = messageTo(room, { replyTo: 1, threadRoot: 1 });
    const first = await appender.append(item);
    const others: Partial<AppendItem>[] = [
      { uid: room.users[1]! },
      { kind: 'x-other' },
      { body: '{"text":"other"}' },
      { replyTo: 2 },
      { replyTo: undefined },
      { threadRoot: 2 },
      { threadRoot: undefined },
    ];
    for (const other of others) expect(await codeOf(appender.append({ ...item, ...other }))).toBe('mid_taken');
    expect(await appender.append(item)).toEqual({ ...first, repeat: true });
  });

  test('[IDM-1] the answer holds after the message was changed and after the sender left', async () => {
    const room = await createRoom(store, { members: 2 });
    const appender = newAppender(store);
    const item = messageTo(room);
    const first = await appender.append(item);
    await store.sql`
      insert into message_edits (conversation_id, seq, rev, tenant_id, action, previous_body, changed_by, changed_at)
      values (${room.cid}, 1, 1, ${room.tid}, 'edit', ${item.body}::text::json, ${item.uid}, now()),
             (${room.cid}, 1, 2, ${room.tid}, 'edit', '{"text":"between"}', ${item.uid}, now())`;
    await store.sql`update messages set body = '{"text":"now"}', rev = 2 where conversation_id = ${room.cid}`;
    await store.sql`delete from participants where conversation_id = ${room.cid} and user_id = ${item.uid}`;
    expect(await appender.append(item)).toEqual({ ...first, repeat: true });
    expect(await codeOf(appender.append(messageTo(room)))).toBe('not_member');
    // A stranger learns nothing about a mid.
    expect(await codeOf(appender.append({ ...item, uid: randomUUID() }))).toBe('not_member');
  });

  test('[IDM-4] a repeat is answered over the rate limit, anything new is not', async () => {
    const room = await createRoom(store);
    const item = messageTo(room);
    const first = await newAppender(store).append(item);
    const limited = newAppender(store, {
      limits: { take: async (sends) => sends.map(() => 1_234), giveBack: async () => {} },
    });
    const [repeat, fresh, bySystem] = await limited.appendAll([
      item,
      messageTo(room),
      messageTo(room, { kind: 'sys', byService: true }),
    ]);
    expect(repeat).toEqual({ ...first, repeat: true });
    expect(fresh).toMatchObject({ code: 'rate_limited', retryAfterMs: 1_234 });
    expect(bySystem).toMatchObject({ seq: 2 });
  });

  test('[IDM-6] the same mid in another conversation is another message', async () => {
    const [one, other] = [await createRoom(store), await createRoom(store)];
    const mid = newMid();
    const outcomes = await newAppender(store).appendAll([messageTo(one, { mid }), messageTo(other, { mid })]);
    expect(outcomes).toMatchObject([
      { seq: 1, repeat: false },
      { seq: 1, repeat: false },
    ]);
  });
});

describe('verdicts', () => {
  test('[SEND-6] every refusal names itself and touches no neighbour', async () => {
    const tid = await createTenant(store);
    const [room, archived, deleted] = await Promise.all([1, 2, 3].map(() => createRoom(store, { tid, members: 4 })));
    await store.sql`update conversations set archived_at = now() where conversation_id = ${archived!.cid}`;
    await store.sql`update conversations set deleted_at = now() where conversation_id = ${deleted!.cid}`;
    const [muted, forEver, formerly] = room!.users.slice(1);
    const mute = (uid: string, until: string) =>
      store.sql`update participants set muted_until = ${until}::text::timestamptz where conversation_id = ${room!.cid} and user_id = ${uid}`;
    await mute(muted!, '2100-01-01');
    await mute(forEver!, 'infinity');
    await mute(formerly!, '2000-01-01');

    const outcomes = await newAppender(store).appendAll([
      messageTo(room!),
      messageTo(room!, { uid: randomUUID() }),
      messageTo(room!, { tid: randomUUID() }),
      messageTo({ ...room!, cid: randomUUID() }),
      messageTo(room!, { uid: muted! }),
      messageTo(room!, { uid: forEver! }),
      messageTo(room!, { uid: formerly! }),
      messageTo(archived!),
      messageTo(archived!, { byService: true }),
      messageTo(deleted!),
      messageTo(room!, { replyTo: 1 }),
      messageTo(room!, { threadRoot: 1 }),
      messageTo(room!),
    ]);
    const told = outcomes.map((outcome) => (outcome instanceof ChatError ? outcome.code : outcome.seq));
    expect(told).toEqual([
      ...[1, 'not_member', 'not_found', 'not_found', 'muted', 'muted', 2, 'forbidden', 1, 'not_found'],
      ...['bad_request', 'bad_request', 3],
    ]);
    expect(await headOf(room!.cid)).toBe(3);
  });

  test('[SEND-7] replyTo and threadRoot name messages that exist and are kept', async () => {
    const room = await createRoom(store);
    const appender = newAppender(store);
    await appender.appendAll([messageTo(room), messageTo(room), messageTo(room)]);
    await store.sql`update conversations set first_seq = 2 where conversation_id = ${room.cid}`;
    const wrong = async (more: Partial<AppendItem>) => {
      const [outcome] = await appender.appendAll([messageTo(room, more)]);
      return outcome instanceof ChatError ? outcome.errors?.map(({ path }) => path) : outcome?.seq;
    };
    expect(await wrong({ replyTo: 1 })).toEqual(['replyTo']);
    expect(await wrong({ threadRoot: 4 })).toEqual(['threadRoot']);
    expect(await wrong({ replyTo: 2, threadRoot: 3 })).toBe(4);
  });

  test('[SEND-9] a refused send takes no number', async () => {
    const room = await createRoom(store);
    const appender = newAppender(store);
    const items = Array.from({ length: 300 }, (_, n) => messageTo(room, n % 3 === 0 ? { uid: randomUUID() } : {}));
    const outcomes = await appender.appendAll(items);
    const seqs = outcomes.flatMap((outcome) => (outcome instanceof ChatError ? [] : [outcome.seq]));
    expect(seqs).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
  });
});

describe('content', () => {
  test('[FRM-9] text comes back byte for byte', async () => {
    const room = await createRoom(store);
    const texts = [
      '\u0000 nul',
      '\ud83d lone',
      'behind signs: @a\u0000 @\ud83d x',
      `@${'\u200b'.repeat(255)}😀`,
      '😀👩‍👩‍👧',
      '你好，世界',
      'e\u0301 "quoted" \\back\\',
      '{"a":[1,null]}',
      '\u2028\u2029',
      "'$1'",
    ];
    const frames: string[] = [];
    const appender = newAppender(store, {
      publish: ({ ranges }) => frames.push(...ranges.flatMap((range) => range.frames)),
    });
    const items = texts.map((text) =>
      messageTo(room, { body: JSON.stringify({ text }), clientId: `"${text.slice(2)}\\` }),
    );
    const outcomes = await appender.appendAll(items.map((item) => ({ ...item, clientId: 'd' })));
    expect(outcomes.every((outcome) => !(outcome instanceof ChatError))).toBe(true);
    expect((await storedIn(room.cid)).map(({ body }) => body)).toEqual(items.map(({ body }) => body));
    expect(frames.map((frame) => (JSON.parse(frame) as { body: { text: string } }).body.text)).toEqual(texts);
  });

  test('a quote, a brace or a comma in a name is only a character', async () => {
    const room = await createRoom(store);
    const names = ['a,b', '{x}', 'say "hi"', 'back\\slash', 'NULL', ' spaced ', '设备'];
    await newAppender(store).appendAll(names.map((clientId) => messageTo(room, { clientId })));
    const rows = await store.sql<{ name: string }[]>`
      select client_id as name from messages where conversation_id = ${room.cid} order by seq`;
    expect(rows.map(({ name }) => name)).toEqual(names);
  });
});

describe('failures', () => {
  test('a poison item is refused alone; its neighbours keep their order', async () => {
    const room = await createRoom(store);
    const other = await createRoom(store);
    // The server takes no NUL in a text.
    const poison = () => messageTo(room, { clientId: 'a\u0000b' });
    const warn = vi.fn();
    const appender = newAppender(store, { log: { warn } });
    const outcomes = await appender.appendAll([
      ...Array.from({ length: 50 }, () => messageTo(room)),
      poison(),
      ...Array.from({ length: 50 }, (_, n) => messageTo(n % 2 ? room : other)),
      poison(),
    ]);
    const refused = outcomes.flatMap((outcome, n) => (outcome instanceof ChatError ? [[n, outcome.code]] : []));
    expect(refused).toEqual([
      [50, 'bad_request'],
      [101, 'bad_request'],
    ]);
    const seqs = outcomes.flatMap((outcome, n) =>
      outcome instanceof ChatError || (n > 50 && n % 2 === 1) ? [] : [outcome.seq],
    );
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(await headOf(room.cid)).toBe(75);
    expect(warn).toHaveBeenCalled();
  });

  test('a broken connection is `unavailable`, and the repeat finds out what became of it', async () => {
    const room = await createRoom(store);
    const own = database.open({ applicationName: 'to be cut' });
    const appender = newAppender(own);
    await appender.append(messageTo(room));
    // Another transaction holds the room, so the batch is under way when its connection is cut.
    const blocker = await store.sql.reserve();
    await blocker`begin`;
    await blocker`select from conversations where conversation_id = ${room.cid} for update`;
    const items = [messageTo(room), messageTo(room)];
    const outcomes = appender.appendAll(items);
    await untilItWaits('to be cut');
    const behind = appender.appendAll([messageTo(room)]);
    await store.sql`
      select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'to be cut'`;
    const failed = [...(await outcomes), ...(await behind)];
    expect(failed.map((outcome) => outcome instanceof ChatError && outcome.code)).toEqual(
      failed.map(() => 'unavailable'),
    );
    await blocker`rollback`;
    blocker.release();
    expect(await appender.appendAll(items)).toMatchObject([{ seq: 2 }, { seq: 3 }]);
  });

  test('a conversation whose lock is not to be had fails alone', async () => {
    const [stuck, free] = [await createRoom(store), await createRoom(store)];
    const blocker = await store.sql.reserve();
    await blocker`begin`;
    await blocker`select from conversations where conversation_id = ${stuck.cid} for update`;
    const appender = newAppender(store);
    const outcomes = await appender.appendAll([messageTo(stuck), messageTo(free), messageTo(stuck), messageTo(free)]);
    await blocker`rollback`;
    blocker.release();
    expect(outcomes).toMatchObject([{ code: 'unavailable' }, { seq: 1 }, { code: 'unavailable' }, { seq: 2 }]);
    expect(await appender.append(messageTo(stuck))).toMatchObject({ seq: 1 });
  });

  test('[IDM-8] what was given up while it waited is not stored, nor what its sender said behind it', async () => {
    const [late, free] = [await createRoom(store), await createRoom(store)];
    const appender = newAppender(store);
    const until = performance.now() - 1;
    const items = [messageTo(free), { ...messageTo(late), until }, messageTo(late), messageTo(free)];
    expect(await appender.appendAll(items)).toMatchObject([
      { seq: 1 },
      { code: 'unavailable' },
      { code: 'unavailable' },
      { seq: 2 },
    ]);
    expect(await storedIn(late.cid)).toEqual([]);
    expect(await appender.append({ ...messageTo(late), until: performance.now() + 60_000 })).toMatchObject({ seq: 1 });
  });

  test('after close nothing is taken and what was taken has settled', async () => {
    const room = await createRoom(store);
    const appender = newAppender(store);
    const taken = appender.append(messageTo(room));
    await appender.close();
    expect(await taken).toMatchObject({ seq: 1 });
    expect(await codeOf(appender.append(messageTo(room)))).toBe('unavailable');
  });
});

describe('for the relay', () => {
  test('[CORE-3] a commit leaves one outbox row with every range, and publishes the same', async () => {
    const tid = await createTenant(store);
    const rooms = [await createRoom(store, { tid }), await createRoom(store, { tid })];
    const published: Committed[] = [];
    const appender = newAppender(store, { publish: (committed) => published.push(committed) });
    await store.sql`delete from outbox`;
    const outcomes = (await appender.appendAll(
      Array.from({ length: 10 }, (_, n) => messageTo(rooms[n % 2]!)),
    )) as Appended[];
    expect(outcomes.map(({ seq }) => seq)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    const rows = await store.sql`
      select id, topic, room, first, last from outbox, unnest(conversation_ids, firsts, lasts) as t(room, first, last)`;
    const byRoom = (cid: string) => rows.filter((row) => row['room'] === cid);
    for (const room of rooms) expect(byRoom(room.cid)).toMatchObject([{ topic: 'msg', first: 1, last: 5 }]);
    expect(published).toHaveLength(1);
    expect(published[0]).toMatchObject({ outboxId: rows[0]!['id'] });
    const ranges = published[0]!.ranges.toSorted(
      (a, b) => rooms.findIndex((r) => r.cid === a.cid) - rooms.findIndex((r) => r.cid === b.cid),
    );
    expect(ranges).toMatchObject(rooms.map(({ cid }) => ({ tid, cid, topic: 'msg', first: 1, last: 5 })));
    expect(ranges[0]!.frames.map((frame) => (JSON.parse(frame) as { seq: number }).seq)).toEqual([1, 2, 3, 4, 5]);
  });

  test('nothing stored, nothing left', async () => {
    const room = await createRoom(store);
    const publish = vi.fn();
    const appender = newAppender(store, { publish });
    const item = messageTo(room);
    await appender.append(item);
    await store.sql`delete from outbox`;
    await appender.appendAll([item, messageTo(room, { uid: randomUUID() })]);
    expect(publish).toHaveBeenCalledTimes(1);
    expect(await store.sql`select from outbox`).toHaveLength(0);
  });
});

describe('behind a pooler', () => {
  test('[OPS-10] everything works without prepared statements and settings at connect', async () => {
    const pooled = database.open({ pooled: true });
    const room = await createRoom(pooled, { members: 2 });
    const appender = newAppender(pooled);
    const outcomes = await appender.appendAll(Array.from({ length: 600 }, () => messageTo(room)));
    expect(outcomes.at(-1)).toMatchObject({ seq: 600 });
    const { tid, cid, users } = room;
    const change = { t: 'react', emoji: '👍', on: true } as const;
    const by = { tid, cid, uid: users[1]! };
    expect(await changeMessages({ sql: pooled.sql, publish: () => {} }, [{ ...by, seq: 7, change }])).toEqual([
      { rev: 1 },
    ]);
    expect(await moveReads({ sql: pooled.sql, onMoves: () => {} }, [{ ...by, pos: 9 }])).toEqual([
      { pos: 9, unread: 591 },
    ]);
    expect(await moveDelivered(pooled.sql, [{ ...by, clientId: 'd', pos: 9 }])).toEqual([{ pos: 9 }]);
  });
});

describe('plan', () => {
  test.each([
    ['have never been analysed', async () => {}],
    ['are known to be empty', async ({ sql }: Store) => void (await sql`vacuum analyze`)],
  ])('the send path reads by keys alone, also with plans made while the tables %s', async (_, prepare) => {
    const fresh = await createDatabase();
    const room = await createRoom(fresh.store);
    await prepare(fresh.store);
    const appender = newAppender(fresh.store);
    await appender.append(messageTo(room));
    for (let round = 0; round < 10; round += 1) {
      await appender.appendAll(Array.from({ length: 500 }, () => messageTo(room)));
    }
    await fresh.store.sql`select pg_stat_force_next_flush()`;
    await fresh.store.close();
    const after = fresh.open();
    const counted = () => after.sql`select n_tup_ins as count from pg_stat_user_tables where relname = 'messages'`;
    await vi.waitUntil(async () => (await counted())[0]?.['count'] === 5_001, { timeout: 60_000 });
    const tables = await after.sql<{ table: string; scans: number; read: string }[]>`
      select t.relname as table, t.seq_scan as scans, sum(i.idx_tup_read) as read
      from pg_stat_user_tables t join pg_stat_user_indexes i using (relid)
      where t.relname in ('messages', 'conversations', 'participants') group by t.relname, t.seq_scan order by 1`;
    // Found by key: once each for the lock and for the judgement; a new mid is not there to be found.
    expect(tables.map(({ table, scans }) => [table, scans])).toEqual([
      ['conversations', 0],
      ['messages', 0],
      ['participants', 0],
    ]);
    for (const { read } of tables) expect(Number(read)).toBeLessThan(3 * 5_001);
    await fresh.drop();
  });
});
