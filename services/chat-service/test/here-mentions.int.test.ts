/** Whom `@here` mentions, settled afterwards: once, under locks, and not without Redis. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { settleHere } from '../src/features/mentions/settle-here.ts';
import { settleOpen } from '../src/features/mentions/settle-open.ts';
import type { Sql, Transaction } from '../src/platform/database/connect.ts';
import { createPresenceStore, type PresenceStore } from '../src/platform/presence/presence-store.ts';
import { lockWaits } from './locks.ts';
import { createDatabase, createRoom, messageTo, newAppender, type Room, type TestDatabase } from './rooms.ts';

const NIL = '00000000-0000-0000-0000-000000000000';

let database: TestDatabase;
let redis: Redis;
let presence: PresenceStore;
beforeAll(async () => {
  database = await createDatabase();
  redis = new Redis(process.env['MC_TEST_REDIS_URL'] ?? '');
  presence = createPresenceStore(redis, { countsForMs: 60_000, graceMs: 30_000 });
});
afterAll(async () => {
  redis.disconnect();
  await database.drop();
});

/** Looks for what is open, and keeps the conversations of which sessions were told again. */
function newLooks(by: Pick<PresenceStore, 'onlineAmong'> = presence) {
  const again: (readonly [string, number])[] = [];
  const { signal } = new AbortController();
  const signals = { inboxAgain: (_: string, told: [string, number][]) => void again.push(...told) };
  return { again, look: () => settleOpen({ background: database.store.sql, presence: by, signals }, signal) };
}

async function sayHere(room: Room): Promise<number> {
  const body = JSON.stringify({ text: '@here' });
  const outcome = await newAppender(database.store).append(messageTo(room, { body }));
  if (!('seq' in outcome)) throw new Error('the message was not stored');
  return outcome.seq;
}

const comes = ({ tid }: Room, ...active: string[]) => presence.report(tid, { active, away: [], gone: [] }, () => {});

async function mentionedBy({ cid }: Room, seq: number): Promise<string[]> {
  const rows = await database.store.sql<{ uid: string }[]>`
    select user_id as uid from mentions where conversation_id = ${cid} and seq = ${seq} order by user_id`;
  return rows.map(({ uid }) => uid);
}

test('[MEN-9] it is settled once, whoever finds it and whoever is online later', async () => {
  const room = await createRoom(database.store, { members: 4 });
  const [ann, bob, cy] = room.users;
  const seq = await sayHere(room);
  await comes(room, ann!, bob!);
  const [here, there] = [newLooks(), newLooks()];
  await Promise.all([here.look(), there.look()]);
  expect([await mentionedBy(room, seq), [...here.again, ...there.again]]).toEqual([[bob], [[room.cid, seq]]]);
  await comes(room, cy!);
  await here.look();
  expect([await mentionedBy(room, seq), [...here.again, ...there.again].length]).toEqual([[bob], 1]);
});

test('[MEN-9] without Redis nobody is mentioned until it is back, and later than five minutes nobody at all', async () => {
  const room = await createRoom(database.store, { members: 3 });
  const [, bob] = room.users;
  const [soon, late] = [await sayHere(room), await sayHere(room)];
  await comes(room, bob!);
  const gone = new Redis({ port: 1, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  gone.on('error', () => {});
  const withoutRedis = newLooks(createPresenceStore(gone));
  await expect(withoutRedis.look()).rejects.toMatchObject({ code: 'unavailable' });
  expect([await mentionedBy(room, soon), await mentionedBy(room, late)]).toEqual([[NIL], [NIL]]);
  await database.store.sql`
    update messages set created_at = now() - interval '6 minutes'
    where conversation_id = ${room.cid} and seq = ${late}`;
  // One that cannot be settled holds up no other.
  await expect(withoutRedis.look()).rejects.toMatchObject({ code: 'unavailable' });
  expect([await mentionedBy(room, soon), await mentionedBy(room, late)]).toEqual([[NIL], []]);
  await newLooks().look();
  expect([await mentionedBy(room, soon), await mentionedBy(room, late)]).toEqual([[bob], []]);
});

test('[MEN-9] everything that is open is found, whenever it was stored', async () => {
  const rooms = await Promise.all([2, 3].map((members) => createRoom(database.store, { members })));
  const said: [Room, number][] = [];
  for (const room of [...rooms, ...rooms]) said.push([room, await sayHere(room)]);
  for (const room of rooms) await comes(room, ...room.users);
  await newLooks().look();
  for (const [room, seq] of said) expect(await mentionedBy(room, seq)).toEqual(room.users.slice(1).toSorted());
});

const forget = (sql: Sql | Transaction, { cid }: Room, seq: number) =>
  sql`update messages set mentions = null where conversation_id = ${cid} and seq = ${seq}`;

test('[MEN-9] an edit or a recall under way is waited for', async () => {
  const room = await createRoom(database.store, { members: 2 });
  await comes(room, ...room.users);
  const seq = await sayHere(room);
  const looks = newLooks();
  const { sql } = database.open();
  const { looking } = await sql.begin(async (tx) => {
    await forget(tx, room, seq);
    const looking = looks.look();
    await vi.waitUntil(async () => (await lockWaits(sql)) === 1, { timeout: 60_000 });
    return { looking };
  });
  await looking;
  expect([await mentionedBy(room, seq), looks.again]).toEqual([[], []]);
});

test('[MEN-9] an edit or a recall that comes meanwhile ends what was just settled', async () => {
  const room = await createRoom(database.store, { members: 2 });
  await comes(room, ...room.users);
  const seq = await sayHere(room);
  const { sql } = database.open();
  const { editing } = await sql.begin(async (tx) => {
    const open = { tid: room.tid, cid: room.cid, seq, isLate: false };
    expect(await settleHere(tx, presence.onlineAmong, open)).toBe(1);
    const editing = forget(database.store.sql, room, seq).execute();
    await vi.waitUntil(async () => (await lockWaits(sql)) === 1, { timeout: 60_000 });
    return { editing };
  });
  await editing;
  expect(await mentionedBy(room, seq)).toEqual([]);
});

test('[MEN-9] the tenant of the message says who is online', async () => {
  const room = await createRoom(database.store, { members: 2 });
  const other = await createRoom(database.store, { members: 2 });
  await comes(other, ...room.users, ...other.users);
  const seq = await sayHere(room);
  await newLooks().look();
  expect(await mentionedBy(room, seq)).toEqual([]);
});
