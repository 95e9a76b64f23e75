/** Pages of history by date, kind and sender are those of the whole list (MSG-2). */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@messagecore/protocol';
import type { FilterQuery, HistoryPage, Page, ThreadPage } from '@messagecore/protocol/features';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filteredPage } from '../src/core/messages/filtered-page.ts';
import { historyPage } from '../src/core/messages/history.ts';
import { repliesPage } from '../src/core/messages/replies.ts';
import type { Store } from '../src/platform/database/connect.ts';
import { createDatabase, createRoom, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await createDatabase();
  store = database.store;
});
afterAll(() => database.drop());

interface Given {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly sender: number;
}

const BEGIN = 1_796_000_000_000;

/** Messages with holes between them, several at the same time. */
const messages = fc
  .array(
    fc.record({
      step: fc.integer({ min: 1, max: 3 }),
      later: fc.integer({ min: 0, max: 2 }),
      kind: fc.constantFrom('text', 'text', 'sys', 'x-note'),
      sender: fc.integer({ min: 0, max: 2 }),
    }),
    { maxLength: 40 },
  )
  .map((steps) => {
    const list: Given[] = [];
    let [seq, at] = [0, BEGIN];
    for (const { step, later, kind, sender } of steps)
      list.push({ seq: (seq += step), at: (at += later), kind, sender });
    return list;
  });

async function storeAll(given: readonly Given[], first = 1) {
  const room = await createRoom(store, { members: 3 });
  const { cid, tid, users } = room;
  await store.sql`
    update conversations set first_seq = ${first}, last_seq = ${given.at(-1)?.seq ?? 0} where conversation_id = ${cid}`;
  await store.sql`
    insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
    select ${cid}, seq, ${tid}, 'm' || seq, sender, 'seed', kind, '{"text":"x"}', to_timestamp(at / 1000.0)
    from unnest(
      ${given.map(({ seq }) => seq)}::bigint[], ${given.map(({ sender }) => users[sender]!)}::uuid[],
      ${given.map(({ kind }) => kind)}::text[], ${given.map(({ at }) => at)}::float8[]
    ) as given (seq, sender, kind, at)`;
  return { ...room, reader: { tid, uid: users[0]! } };
}

test('[HIST-4] a page by date begins with the first message at or after it, whatever is missing', async () => {
  const moment = fc.integer({ min: -2, max: 90 });
  await fc.assert(
    fc.asyncProperty(
      messages,
      fc.array(moment, { maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      async (given, asked, first) => {
        const { cid, reader } = await storeAll(given, first);
        const visible = given.filter(({ seq }) => seq >= first);
        for (const moment of asked) {
          const at = BEGIN + moment;
          const page = JSON.parse(await historyPage(store.sql, reader, cid, { at, limit: 3 })) as HistoryPage;
          const expected = visible.filter((message) => message.at >= at).map(({ seq }) => seq);
          expect([page.items.map(({ seq }) => seq), page.more]).toEqual([expected.slice(0, 3), expected.length > 3]);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('[HIST-5] the pages of any filter together are that filter of all messages, the newest first', async () => {
  const filter = fc.record(
    {
      kind: fc.constantFrom('text', 'sys', 'x-note', 'x-other'),
      sender: fc.integer({ min: 0, max: 2 }),
      from: fc.integer({ min: 1, max: 60 }),
      to: fc.integer({ min: 1, max: 100 }),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(messages, filter, fc.integer({ min: 1, max: 9 }), async (given, asked, first) => {
      const { cid, reader, users } = await storeAll(given, first);
      const { sender, ...others } = asked;
      const query = { ...others, ...(sender !== undefined && { sender: users[sender]! }), limit: 3 };
      const expected = given.filter(
        (message) =>
          message.seq >= Math.max(first, asked.from ?? 1) &&
          message.seq <= (asked.to ?? Infinity) &&
          (asked.kind === undefined || message.kind === asked.kind) &&
          (sender === undefined || message.sender === sender),
      );
      expect(await allOf(reader, cid, query)).toEqual(expected.map(({ seq }) => seq).toReversed());
    }),
    { numRuns: 60 },
  );
});

async function allOf(reader: { tid: string; uid: string }, cid: string, query: FilterQuery): Promise<number[]> {
  const seqs: number[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const text = await filteredPage(store.sql, reader, cid, { ...query, ...(cursor !== undefined && { cursor }) });
    const page: Page<{ seq: number }> = JSON.parse(text);
    expect(page.items.length).toBeLessThanOrEqual(query.limit);
    seqs.push(...page.items.map(({ seq }) => seq));
    cursor = page.next;
  }
  return seqs;
}

/** A long conversation in which the second user has said one thing, long ago, and the third one nothing. */
async function longRoom(count: number) {
  const { cid, tid, users } = await createRoom(store, { members: 3 });
  await store.sql`update conversations set last_seq = ${count} where conversation_id = ${cid}`;
  await store.sql`
    insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
    select ${cid}, n, ${tid}, 'm' || n, case n when 3 then ${users[1]!}::uuid else ${users[0]!}::uuid end, 'seed',
      case when n in (2, ${count - 1}) then 'sys' else 'text' end, '{"text":"x"}', to_timestamp(${BEGIN / 1_000} + n)
    from generate_series(1, ${count}) n`;
  await store.sql`analyze messages`;
  return { cid, reader: { tid, uid: users[0]! }, users };
}

test('[HIST-5] a page looks at so many messages and no more, and leads on although it has none', async () => {
  const count = 2 * LIMITS.messagesLookedAt + 10;
  const { cid, reader, users } = await longRoom(count);
  const ask = async (query: Partial<FilterQuery>): Promise<Page<{ seq: number }>> =>
    JSON.parse(await filteredPage(store.sql, reader, cid, { limit: 10, ...query }));
  const first = await ask({ sender: users[1]! });
  expect(first).toEqual({ items: [], next: expect.any(String) });
  const second = await ask({ sender: users[1]!, cursor: first.next! });
  expect(second).toEqual({ items: [], next: expect.any(String) });
  const third = await ask({ sender: users[1]!, cursor: second.next! });
  expect([third.items.map(({ seq }) => seq), third.next]).toEqual([[3], null]);
  expect(await allOf(reader, cid, { sender: users[2]!, limit: 10 })).toEqual([]);
  // Of another kind than text one page has all, however far apart.
  const rare = await ask({ kind: 'sys' });
  expect([rare.items.map(({ seq }) => seq), rare.next]).toEqual([[count - 1, 2], null]);
});

test('[HIST-5] a page ends before it has too many bytes, and leads on', async () => {
  const { cid, tid, users } = await createRoom(store);
  const reader = { tid, uid: users[0]! };
  await store.sql`update conversations set last_seq = 40 where conversation_id = ${cid}`;
  await store.sql`
    insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
    select ${cid}, n, ${tid}, 'm' || n, ${users[0]!}, 'seed', 'text',
      json_build_object('text', repeat('x', case when n % 7 = 0 then 90000 else 30000 + n end)), now()
    from generate_series(1, 40) n`;
  const page: Page<unknown> = JSON.parse(await filteredPage(store.sql, reader, cid, { kind: 'text', limit: 100 }));
  expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(LIMITS.pageBytes + 1_024);
  const all = await allOf(reader, cid, { kind: 'text', limit: 100 });
  expect(all).toEqual(Array.from({ length: 40 }, (_, n) => 40 - n));
});

test('[HIST-5] [EXPR-2] a page that ends by its bytes leads on, also where little of them is shown', async () => {
  const { cid, tid, users } = await createRoom(store);
  const reader = { tid, uid: users[0]! };
  await store.sql`update conversations set last_seq = 40 where conversation_id = ${cid}`;
  await store.sql`
    insert into messages
      (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at, expires_at, thread_root)
    select ${cid}, n, ${tid}, 'm' || n, ${users[0]!}, 'seed', 'text',
      json_build_object('text', repeat('x', 40000)), now(), now() - interval '1 second', case when n > 1 then 1 end
    from generate_series(1, 40) n`;
  const all = Array.from({ length: 40 }, (_, n) => 40 - n);
  expect(await allOf(reader, cid, { kind: 'text', limit: 100 })).toEqual(all);
  const thread = { cid, seq: 1 };
  const whole = JSON.parse(await repliesPage(store.sql, reader, thread, { limit: 100 })) as ThreadPage;
  expect([whole.items.length < 39, whole.more]).toEqual([true, true]);
  const exact = JSON.parse(await repliesPage(store.sql, reader, thread, { limit: whole.items.length })) as ThreadPage;
  expect([exact.items.length, exact.more]).toEqual([whole.items.length, true]);
});

test('[HIST-5] nothing of another conversation or tenant', async () => {
  const [room, other] = [await longRoom(10), await longRoom(10)];
  expect(await allOf(room.reader, room.cid, { sender: other.users[0]!, limit: 10 })).toEqual([]);
  await expect(filteredPage(store.sql, room.reader, other.cid, { kind: 'sys', limit: 10 })).rejects.toMatchObject({
    code: 'not_found',
  });
  const stranger = { tid: room.reader.tid, uid: randomUUID() };
  await expect(filteredPage(store.sql, stranger, room.cid, { kind: 'sys', limit: 10 })).rejects.toMatchObject({
    code: 'not_member',
  });
});
