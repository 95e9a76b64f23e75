/** Edits, recalls and reactions on real PostgreSQL. */
import { randomUUID } from 'node:crypto';
import { ChatError, LIMITS } from '@messagecore/protocol';
import { type RpcItem } from '@messagecore/protocol/bus';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { historyPage, readFrame } from '../src/core/messages/history.ts';
import type { Store } from '../src/platform/database/connect.ts';
import { changeMessages } from '../src/core/messages/change-message.ts';
import type { Committed } from '../src/core/outbox/committed.ts';
import { lockWaits } from './locks.ts';
import {
  createDatabase,
  createRoom,
  createTenant,
  messageTo,
  newAppender,
  type Room,
  type TestDatabase,
} from './rooms.ts';

type Change = RpcItem<'change'>['change'];

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await createDatabase();
  store = database.store;
});

afterAll(() => database.drop());

/** A room of three with messages of its owner. */
async function roomWith(messages: number, tid?: string) {
  const room = await createRoom(store, { members: 3, ...(tid !== undefined && { tid }) });
  await newAppender(store).appendAll(Array.from({ length: messages }, () => messageTo(room)));
  return room;
}

const item = ({ tid, cid, users }: Room, user: number, seq: number, change: Change) => ({
  ...{ tid, cid, uid: users[user] ?? randomUUID(), seq, change },
});
const edit = (text: string): Change => ({ t: 'edit', body: { text } });
const react = (emoji: string, on = true): Change => ({ t: 'react', emoji, on });

async function change(items: readonly RpcItem<'change'>[], at: Store = store) {
  const committed: Committed[] = [];
  const outcomes = await changeMessages({ sql: at.sql, publish: (c) => committed.push(c) }, items);
  return {
    committed,
    told: outcomes.map((outcome) => (outcome instanceof ChatError ? outcome.code : outcome.rev)),
  };
}

/** A transaction that holds the conversation's row. */
async function hold({ cid }: Room) {
  const blocker = await store.sql.reserve();
  await blocker`begin`;
  await blocker`select from conversations where conversation_id = ${cid} for update`;
  return async () => {
    await blocker`rollback`;
    blocker.release();
  };
}

const stateOf = async (cid: string, seq: number) => {
  const [row] = await store.sql`
    select body::text as body, rev, reactions::text as reactions, edited_at is not null as edited,
      recalled_at is not null as recalled, changed_at is not null as changed
    from messages where conversation_id = ${cid} and seq = ${seq}`;
  return row;
};

describe('changes', () => {
  test('[REV-1] each takes the next rev and its frame has the whole new state', async () => {
    const room = await roomWith(2);
    const { told, committed } = await change([
      item(room, 0, 1, edit('new')),
      item(room, 1, 1, react('👍')),
      item(room, 2, 2, react('🎉')),
      item(room, 0, 2, { t: 'recall' }),
    ]);
    expect(told).toEqual([1, 2, 3, 4]);
    expect(committed).toMatchObject([
      { ranges: [{ ...{ cid: room.cid, tid: room.tid, topic: 'upd', first: 1, last: 4 } }] },
    ]);
    const frames = committed[0]!.ranges[0]!.frames.map((frame) => JSON.parse(frame) as object);
    expect(frames).toMatchObject([
      { t: 'update', seq: 1, rev: 1, body: { text: 'new' }, edited: true },
      { t: 'update', seq: 1, rev: 2, body: { text: 'new' }, edited: true, reactions: { '👍': 1 } },
      { t: 'update', seq: 2, rev: 3, body: { text: 'hello' }, reactions: { '🎉': 1 } },
      { t: 'update', seq: 2, rev: 4, body: {}, recalled: true },
    ]);
    expect(await stateOf(room.cid, 1)).toMatchObject({
      body: '{"text":"new"}',
      rev: 2,
      reactions: '{"👍":1}',
      edited: true,
    });
    expect(await stateOf(room.cid, 2)).toMatchObject({
      body: '{}',
      rev: 4,
      recalled: true,
      edited: false,
      changed: true,
    });
    const rows =
      await store.sql`select topic, firsts::text as first, lasts::text as last from outbox where id = ${committed[0]!.outboxId}`;
    expect(rows).toMatchObject([{ topic: 'upd', first: '{1}', last: '{4}' }]);
  });

  test('[REV-2] rev is dense under concurrent changes at two instances', async () => {
    const room = await roomWith(3);
    const other = database.open();
    const changes = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        change([item(room, n % 3, 1 + (n % 3), react(String.fromCodePoint(0x1f600 + n)))], n % 2 ? store : other),
      ),
    );
    const revs = changes.flatMap(({ told }) => told).toSorted((a, b) => Number(a) - Number(b));
    expect(revs).toEqual(Array.from({ length: 60 }, (_, n) => n + 1));
    const [row] = await store.sql`select last_rev as rev from conversations where conversation_id = ${room.cid}`;
    expect(row).toEqual({ rev: 60 });
  });

  test('[REV-8] what is that way already takes no rev and answers the present one', async () => {
    const room = await roomWith(1);
    expect((await change([item(room, 1, 1, react('👍', false))])).told).toEqual([0]);
    const { told } = await change([
      item(room, 1, 1, react('👍')),
      item(room, 1, 1, react('👍')),
      item(room, 0, 1, edit('hello')),
      item(room, 1, 1, react('👍', false)),
      item(room, 1, 1, react('👍')),
    ]);
    expect(told).toEqual([1, 1, 1, 2, 3]);
    const again = await change([item(room, 1, 1, react('👍'))]);
    expect(again).toEqual({ told: [3], committed: [] });
    const who = await store.sql`select user_id, emoji from reactions where conversation_id = ${room.cid}`;
    expect(who).toEqual([{ user_id: room.users[1], emoji: '👍' }]);
  });

  test('[REV-7] refusals name themselves and touch no neighbour', async () => {
    const room = await roomWith(2);
    const { told } = await change([
      item(room, 1, 1, edit('not mine')),
      item(room, 0, 1, edit('mine')),
      item(room, 0, 3, edit('nothing there')),
      item(room, 9, 1, react('👍')),
      { ...item(room, 0, 1, react('👍')), tid: randomUUID() },
      { ...item(room, 0, 1, react('👍')), cid: randomUUID() },
      item(room, 0, 1, { t: 'edit', body: { text: '' } }),
      item(room, 1, 2, react('👍')),
    ]);
    expect(told).toEqual(['forbidden', 1, 'not_found', 'not_member', 'not_found', 'not_found', 'bad_request', 2]);
  });

  test('[MSG-3] the tenant’s edit window holds', async () => {
    const tid = await createTenant(store, { editWindowSeconds: 60 });
    const room = await roomWith(2, tid);
    await store.sql`
      update messages set created_at = now() - interval '61 seconds' where conversation_id = ${room.cid} and seq = 1`;
    expect((await change([item(room, 0, 1, edit('late')), item(room, 0, 2, edit('in time'))])).told).toEqual([
      'edit_window_over',
      1,
    ]);
  });

  test('[REV-14] the tenant’s recall window binds senders, and nobody who recalls messages of others', async () => {
    const tid = await createTenant(store, { recallWindowSeconds: 60 });
    const room = await roomWith(2, tid);
    await store.sql`
      update messages set created_at = now() - interval '61 seconds', sender_id = ${room.users[1]!}
      where conversation_id = ${room.cid} and seq = 1`;
    const recall = { t: 'recall' } as const;
    const { told } = await change([item(room, 1, 1, recall), item(room, 0, 2, recall), item(room, 0, 1, recall)]);
    expect(told).toEqual(['forbidden', 1, 2]);
  });

  test('[MSG-3] the audit trail keeps every body that was replaced, and by whom', async () => {
    const room = await roomWith(1);
    await change([item(room, 0, 1, edit('second')), item(room, 1, 1, react('👍')), item(room, 0, 1, edit('third'))]);
    const admin = room.users[1]!;
    await store.sql`update participants set role = 'admin' where conversation_id = ${room.cid} and user_id = ${admin}`;
    await change([item(room, 1, 1, { t: 'recall' })]);
    const trail = await store.sql`
      select rev, action, previous_body::text as body, changed_by as by from message_edits
      where conversation_id = ${room.cid} order by rev`;
    expect(trail).toEqual([
      { rev: 1, action: 'edit', body: '{"text":"hello"}', by: room.users[0] },
      { rev: 3, action: 'edit', body: '{"text":"second"}', by: room.users[0] },
      { rev: 4, action: 'recall', body: '{"text":"third"}', by: admin },
    ]);
  });

  test('[IDM-1] a message that was edited is still a repeat of what was sent', async () => {
    const room = await createRoom(store);
    const appender = newAppender(store);
    const message = messageTo(room);
    const first = await appender.append(message);
    await change([item(room, 0, 1, edit('new')), item(room, 0, 1, { t: 'recall' })]);
    expect(await appender.append(message)).toEqual({ ...first, repeat: true });
    await expect(appender.append({ ...message, body: '{"text":"new"}' })).rejects.toMatchObject({ code: 'mid_taken' });
  });

  test('[REV-10] one emoji is one reaction in whatever spelling, and what is none is refused', async () => {
    const room = await roomWith(1);
    const { told, committed } = await change([
      item(room, 0, 1, react('❤')),
      item(room, 0, 1, react('❤️')),
      item(room, 1, 1, react('❤︎')),
      item(room, 1, 1, react(':Party:')),
      ...['__proto__', 'constructor', '.', '..', 'thumbsup', '👍👍'].map((bad) => item(room, 1, 1, react(bad))),
      item(room, 2, 1, react('❤', false)),
      item(room, 0, 1, react('❤', false)),
    ]);
    expect(told).toEqual([1, 1, 2, 3, ...Array.from({ length: 6 }, () => 'bad_request'), 3, 4]);
    const frames = committed[0]!.ranges[0]!.frames.map((frame) => JSON.parse(frame) as { reactions?: object });
    expect(frames.map(({ reactions }) => reactions)).toEqual([
      { '❤️': 1 },
      { '❤️': 2 },
      { '❤️': 2, ':party:': 1 },
      { '❤️': 1, ':party:': 1 },
    ]);
  });

  test('[REV-10] what was stored before is left out where a decoder would refuse it, and can be taken back', async () => {
    const room = await roomWith(1);
    const [ann, bob] = [room.users[0]!, room.users[1]!];
    await store.sql`
      insert into reactions (conversation_id, seq, user_id, emoji, tenant_id, created_at)
      select ${room.cid}::uuid, 1, uid, emoji, ${room.tid}::uuid, now()
      from unnest(${[ann, ann, bob]}::uuid[], ${['__proto__', '❤', '..']}::text[]) as old (uid, emoji)`;
    await store.sql`
      update messages set reactions = '{"__proto__":1,"❤":1,"..":1}' where conversation_id = ${room.cid} and seq = 1`;
    const frames = async () => {
      const page = await historyPage(store.sql, { tid: room.tid, uid: ann }, room.cid, { limit: 1 });
      return JSON.parse(page).items.map(({ reactions }: { reactions?: object }) => reactions);
    };
    expect(await frames()).toEqual([{ '❤': 1, '..': 1 }]);
    const { told } = await change([
      item(room, 0, 1, react('❤')),
      item(room, 0, 1, react('__proto__', false)),
      item(room, 1, 1, react('..', false)),
      item(room, 0, 1, react('❤', false)),
    ]);
    expect(told).toEqual([0, 1, 2, 3]);
    expect(await frames()).toEqual([undefined]);
    expect(await store.sql`select from reactions where conversation_id = ${room.cid}`).toHaveLength(0);
  });

  test('[REV-11] a recalled message has no reactions, also one that was recalled with some', async () => {
    const room = await roomWith(2);
    const { told, committed } = await change([
      item(room, 0, 1, react('👍')),
      item(room, 1, 1, react('🎉')),
      item(room, 0, 1, { t: 'recall' }),
      item(room, 1, 1, react('👍')),
      item(room, 1, 1, react('🎉', false)),
    ]);
    expect(told).toEqual([1, 2, 3, 'conflict', 'conflict']);
    expect(JSON.parse(committed[0]!.ranges[0]!.frames[2]!)).not.toHaveProperty('reactions');
    expect(await stateOf(room.cid, 1)).toMatchObject({ recalled: true, reactions: null });
    expect(await store.sql`select from reactions where conversation_id = ${room.cid}`).toHaveLength(0);
    await change([item(room, 0, 2, { t: 'recall' })]);
    await store.sql`update messages set reactions = '{"👍":1}' where conversation_id = ${room.cid} and seq = 2`;
    expect(JSON.parse(await readFrame(store.sql, room.cid, 2))).not.toHaveProperty('reactions');
  });

  test('[MSG-3] the trail keeps the first body and the newest, and a repeat is still known', async () => {
    const room = await createRoom(store);
    const appender = newAppender(store);
    const message = messageTo(room);
    const first = await appender.append(message);
    await appender.append(messageTo(room));
    await change([item(room, 0, 2, edit('another message'))]);
    for (let n = 0; n < 4; n += 1) {
      await change(Array.from({ length: 12 }, (_, k) => item(room, 0, 1, edit(`edit ${12 * n + k}`))));
    }
    const trail = await store.sql<{ body: string }[]>`
      select previous_body ->> 'text' as body from message_edits
      where conversation_id = ${room.cid} and seq = 1 order by rev`;
    const newest = Array.from(
      { length: LIMITS.bodiesInTrail - 1 },
      (_, n) => `edit ${47 - LIMITS.bodiesInTrail + 1 + n}`,
    );
    expect(trail.map(({ body }) => body)).toEqual(['hello', ...newest]);
    expect(await store.sql`select from message_edits where conversation_id = ${room.cid} and seq = 2`).toHaveLength(1);
    expect(await appender.append(message)).toEqual({ ...first, repeat: true });
  });

  test('one item that cannot be stored fails alone', async () => {
    const room = await roomWith(1);
    const { told } = await change([
      item(room, 0, 1, react('👍')),
      item(room, 0, 1, react('a\u0000b')),
      item(room, 0, 1, react('❤')),
    ]);
    expect(told).toEqual([1, 'bad_request', 2]);
  });
});

test('[IDM-8] what was given up while it waited for its conversation changes nothing, and a repeat does', async () => {
  const room = await roomWith(1);
  const letGo = await hold(room);
  const own = database.open({ applicationName: 'waits' });
  let now = 0;
  const deps = { sql: own.sql, publish: () => {}, clock: { monotonic: () => now } };
  const outcomes = changeMessages(deps, [item(room, 0, 1, edit('too late'))], 50);
  await vi.waitUntil(async () => (await lockWaits(store.sql, 'waits')) > 0, 60_000);
  now = 100;
  await letGo();
  expect(await outcomes).toMatchObject([{ code: 'unavailable' }]);
  expect(await stateOf(room.cid, 1)).toMatchObject({ body: '{"text":"hello"}', rev: 0 });
  expect(await changeMessages(deps, [item(room, 0, 1, edit('in time'))], 150)).toEqual([{ rev: 1 }]);
});
