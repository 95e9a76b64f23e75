/** What one sender does costs that sender: sends and changes of many on real PostgreSQL. */
import { randomUUID } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import { type RpcItem } from '@messagecore/protocol/bus';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Store } from '../src/platform/database/connect.ts';
import type { AppendItem } from '../src/core/messages/append-batch.ts';
import { changeMessages } from '../src/core/messages/change-message.ts';
import { createDatabase, createRoom, messageTo, newAppender, newMid, type Room, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await createDatabase();
  store = database.store;
});

afterAll(() => database.drop());

const codeOf = (outcome: unknown) => (outcome instanceof ChatError ? outcome.code : outcome);

/** Holds the conversation's row until the function that it returns is called. */
async function hold({ cid }: Room) {
  const blocker = await store.sql.reserve();
  await blocker`begin`;
  await blocker`select from conversations where conversation_id = ${cid} for update`;
  return async () => {
    await blocker`rollback`;
    blocker.release();
  };
}

/** An appender that counts its transactions. */
function countingAppender() {
  const commits: number[] = [];
  const metrics = { committed: (items: number) => void commits.push(items), settled: () => {} };
  const taken: object[][] = [];
  const limits = {
    take: async (sends: readonly object[]) => (taken.push([...sends]), sends.map(() => 0)),
    giveBack: async () => {},
  };
  return { appender: newAppender(store, { metrics, limits }), commits, taken };
}

describe('repeats', () => {
  test('[IDM-4] 500 sends of one mid are one message and one transaction, and a stranger waits for one more', async () => {
    const room = await createRoom(store, { members: 2 });
    const { appender, commits } = countingAppender();
    const item = messageTo(room);
    const repeats = Promise.all(Array.from({ length: 500 }, () => appender.append(item)));
    const stranger = await appender.append(messageTo(room, { uid: room.users[1]! }));
    expect(commits.length).toBeLessThanOrEqual(2);
    const outcomes = await repeats;
    expect(outcomes.filter(({ repeat }) => !repeat)).toHaveLength(1);
    expect(new Set(outcomes.map(({ seq }) => seq)).size).toBe(1);
    expect(stranger).toMatchObject({ seq: 2, repeat: false });
    expect(commits.length).toBeLessThanOrEqual(2);
  });

  test('[IDM-2] 500 different messages under one mid hold up their sender alone, and all but one are taken', async () => {
    const room = await createRoom(store, { members: 2 });
    const { appender, commits } = countingAppender();
    const mid = newMid();
    const different = Array.from({ length: 100 }, (_, n) =>
      messageTo(room, { mid, body: JSON.stringify({ text: `${n}` }) }),
    );
    const flood = appender.appendAll(different);
    const stranger = await appender.append(messageTo(room, { uid: room.users[1]! }));
    expect(commits.length).toBeLessThanOrEqual(2);
    expect(stranger).toMatchObject({ seq: 2 });
    expect((await flood).map(codeOf)).toEqual([
      { seq: 1, at: expect.any(Number), repeat: false },
      ...different.slice(1).map(() => 'mid_taken'),
    ]);
  });

  test('[IDM-2] the same mid of another sender at the same time is no repeat', async () => {
    const room = await createRoom(store, { members: 2 });
    const item = messageTo(room);
    const [own, other, stranger] = await newAppender(store).appendAll([
      item,
      { ...item, uid: room.users[1]! },
      { ...item, uid: randomUUID() },
    ]);
    expect([own, codeOf(other), codeOf(stranger)]).toMatchObject([{ seq: 1 }, 'mid_taken', 'not_member']);
  });

  test('[IDM-4] beyond a few they cost their sender tokens', async () => {
    const room = await createRoom(store);
    const { appender, taken } = countingAppender();
    const item = messageTo(room);
    await appender.appendAll(Array.from({ length: 3 }, () => item));
    expect(taken.map((demands) => demands.length)).toEqual([1]);
    await appender.appendAll(Array.from({ length: 30 }, () => messageTo(room, { mid: newMid() })));
    const many = messageTo(room);
    await appender.appendAll(Array.from({ length: 30 }, () => many));
    const { tid, uid } = many;
    expect(taken.slice(1).map((demands) => demands.length)).toEqual([30, 1, 25]);
    expect(taken.at(-1)).toEqual(Array.from({ length: 25 }, () => ({ tid, uid })));
  });

  test('[IDM-8] a repeat in time is stored, though who asked at first has given up', async () => {
    const room = await createRoom(store);
    const item = messageTo(room);
    const now = performance.now();
    const late: AppendItem = { ...item, until: now - 1 };
    const outcomes = await newAppender(store).appendAll([late, { ...item, until: now + 60_000 }]);
    expect(outcomes).toMatchObject([{ seq: 1 }, { seq: 1, repeat: true }]);
  });

  test('[IDM-4] one that is over its session’s limit is stored when it comes again within it', async () => {
    const room = await createRoom(store);
    const item = messageTo(room);
    const outcomes = await newAppender(store).appendAll([{ ...item, waitMs: 500 }, item]);
    expect(outcomes).toMatchObject([{ seq: 1 }, { seq: 1 }]);
  });
});

test('[IDM-8] what one sender gave up fails with what that sender said behind it, and nobody else’s', async () => {
  const room = await createRoom(store, { members: 2 });
  const [ann, bob] = [room.users[0]!, room.users[1]!];
  const outcomes = await newAppender(store).appendAll([
    messageTo(room, { uid: bob }),
    messageTo(room, { uid: ann, until: performance.now() - 1 }),
    messageTo(room, { uid: bob }),
    messageTo(room, { uid: ann }),
    messageTo(room, { uid: bob }),
  ]);
  expect(outcomes.map((outcome) => (outcome instanceof ChatError ? outcome.code : outcome.seq))).toEqual([
    ...[1, 'unavailable', 2, 'unavailable', 3],
  ]);
});

describe('[ISO-1] rows of another tenant are not locked', () => {
  test('by a send that names its conversation', async () => {
    const [room, own] = [await createRoom(store), await createRoom(store)];
    const letGo = await hold(room);
    const intruder = { ...messageTo(room), tid: own.tid, uid: own.users[0]! };
    const outcomes = await newAppender(store).appendAll([intruder, messageTo(own)]);
    await letGo();
    expect(outcomes.map(codeOf)).toMatchObject(['not_found', { seq: 1 }]);
  });

  test('and one in the same batch as its own tenant’s keeps that one in order', async () => {
    const [room, own] = [await createRoom(store), await createRoom(store)];
    const items = [messageTo(room), { ...messageTo(room), tid: own.tid }, messageTo(room)];
    expect((await newAppender(store).appendAll(items)).map(codeOf)).toMatchObject([
      { seq: 1 },
      'not_found',
      { seq: 2 },
    ]);
  });

  test('by a change that names its message', async () => {
    const [room, own] = [await createRoom(store), await createRoom(store)];
    await newAppender(store).append(messageTo(room));
    const letGo = await hold(room);
    const change: RpcItem<'change'>['change'] = { t: 'recall' };
    const item = { tid: own.tid, uid: own.users[0]!, cid: room.cid, seq: 1, change };
    const [outcome] = await changeMessages({ sql: store.change, publish: () => {} }, [item]);
    await letGo();
    expect(codeOf(outcome)).toBe('not_found');
  });
});

test('[IDM-8] a change that was given up fails with what its sender asked behind it, and nobody else’s', async () => {
  const room = await createRoom(store, { members: 2 });
  const [ann, bob] = [room.users[0]!, room.users[1]!];
  await newAppender(store).append(messageTo(room));
  const { tid, cid } = room;
  const react = (uid: string, emoji: string, until?: number) => ({
    ...{ tid, cid, uid, seq: 1, until },
    change: { t: 'react' as const, emoji, on: true },
  });
  const outcomes = await changeMessages({ sql: store.change, publish: vi.fn() }, [
    react(bob, '👍'),
    react(ann, '👍', performance.now() - 1),
    react(bob, '🎉'),
    react(ann, '🎉'),
  ]);
  expect(outcomes.map(codeOf)).toEqual([{ rev: 1 }, 'unavailable', { rev: 2 }, 'unavailable']);
});
