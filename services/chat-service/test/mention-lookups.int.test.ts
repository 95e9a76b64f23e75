/** What it costs to find whom a message mentions is bounded, whatever its text says. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createDatabase, createRoom, messageTo, newAppender, type Room, type TestDatabase } from './rooms.ts';

/** More than are looked at of one name. */
const GUESTS = 300;
/** Places in one message at which a name may end. */
const ENDS = 512;

let database: TestDatabase;
let room: Room;
beforeAll(async () => {
  database = await createDatabase();
  room = await createRoom(database.store, { members: GUESTS + 1 });
  await database.store.sql`
    update users set display_name = 'guest', search_name = E'guest\n', search_of = 'guest'
    where tenant_id = ${room.tid} and id <> ${room.users[0]!}`;
});
afterAll(() => database.drop());

/** How often the indexes of names, of users and of groups, were read for the text, and how many rows of participants were read. */
async function readFor(text: string) {
  const { sql } = database.store;
  const counted = async () => {
    const rows = await sql<{ index: string; scans: number; read: number }[]>`
      select indexrelname as index, idx_scan::float8 as scans, idx_tup_read::float8 as read
      from pg_stat_user_indexes where relname in ('users', 'user_groups', 'participants', 'messages')`;
    const names = rows.find(({ index }) => index === 'users_mention_name')?.scans ?? 0;
    const groups = rows.find(({ index }) => index === 'user_groups_mention_name')?.scans ?? 0;
    const participants = rows.filter(({ index }) => index.startsWith('participants'));
    return { names, groups, participants: participants.reduce((sum, { read }) => sum + read, 0) };
  };
  const before = await counted();
  const writer = database.open();
  const body = JSON.stringify({ text });
  const outcome = await newAppender(writer).append(messageTo(room, { body }));
  await writer.close();
  await vi.waitUntil(async () => (await counted()).participants > before.participants, { timeout: 60_000 });
  const after = await counted();
  const [{ mentions } = { mentions: null }] = await sql<{ mentions: { users: string[] } | null }[]>`
    select mentions from messages where conversation_id = ${room.cid} and seq = ${'seq' in outcome ? outcome.seq : 0}`;
  return {
    mentioned: mentions?.users.length ?? 0,
    names: after.names - before.names,
    groups: after.groups - before.groups,
    participants: after.participants - before.participants,
  };
}

const many = (count: number, text: (n: number) => string) => Array.from({ length: count }, (_, n) => text(n)).join(' ');

test('[MEN-1] [MEN-2] what many names of a message begin with is looked up once', async () => {
  const { mentioned, names, groups, participants } = await readFor(many(50, (n) => `@guest a${n}`));
  expect(mentioned).toBe(50);
  expect(names).toBe(51);
  // Where a participant bears the name no group is looked for.
  expect(groups).toBe(50);
  expect(participants).toBeLessThan(GUESTS);
});

test('[MEN-1] so many places at which a name may end are looked at in a message', async () => {
  const { names, groups } = await readFor(many(50, (n) => `@${n}${'王'.repeat(100)}`));
  expect(names).toBeGreaterThan(ENDS / 2);
  expect(names).toBeLessThanOrEqual(ENDS);
  expect(groups).toBe(names);
});
