/** The function `append_batch`: whatever speaks against one item, the rest of the batch is stored as if it were not there. */
import { randomUUID } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../src/platform/database/connect.ts';
import { createDatabase, createRoom, createTenant, messageTo, newAppender, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await createDatabase();
  store = database.store;
});

afterAll(() => database.drop());

const headOf = async (cid: string) => {
  const [row] = await store.sql<{ head: number }[]>`
    select last_seq as head from conversations where conversation_id = ${cid}`;
  return row?.head;
};

test('[SEND-6] each refusal alone leaves the rest of its batch as it would be without it', async () => {
  const tid = await createTenant(store);
  const [room, other, archived, deleted] = await Promise.all(
    [2, 1, 1, 1].map((members) => createRoom(store, { tid, members })),
  );
  await store.sql`update conversations set archived_at = now() where conversation_id = ${archived!.cid}`;
  await store.sql`update conversations set deleted_at = now() where conversation_id = ${deleted!.cid}`;
  const muted = room!.users[1]!;
  await store.sql`
    update participants set muted_until = 'infinity' where conversation_id = ${room!.cid} and user_id = ${muted}`;
  const appender = newAppender(store);
  const first = messageTo(room!);
  await appender.append(first);
  const cases = [
    [messageTo(room!, { uid: randomUUID() }), 'not_member'],
    [messageTo(room!, { tid: randomUUID() }), 'not_found'],
    [messageTo({ ...room!, cid: randomUUID() }), 'not_found'],
    [messageTo(deleted!), 'not_found'],
    [messageTo(archived!), 'forbidden'],
    [messageTo(room!, { uid: muted }), 'muted'],
    [messageTo(room!, { replyTo: 1_000 }), 'bad_request'],
    [messageTo(room!, { threadRoot: 1_000 }), 'bad_request'],
    [{ ...first, body: '{"text":"another"}' }, 'mid_taken'],
    [first, 1],
  ] as const;
  let head = 1;
  for (const [item, told] of cases) {
    const outcomes = await appender.appendAll([messageTo(room!), messageTo(other!), item, messageTo(room!)]);
    expect(outcomes.map((outcome) => (outcome instanceof ChatError ? outcome.code : outcome.seq))).toEqual([
      ...[head + 1, head / 2 + 0.5, told, head + 2],
    ]);
    head += 2;
  }
  expect(await headOf(room!.cid)).toBe(head);
});

test('conversations named out of order are judged, and none gets the numbers of another', async () => {
  const rooms = await Promise.all([1, 2, 3].map(() => createRoom(store)));
  const wrong = rooms.toSorted((a, b) => (a.cid < b.cid ? 1 : -1));
  const items = [...wrong, wrong[0]!].map((room) => messageTo(room));
  const list = (values: readonly (string | number)[]) => `{${values.join(',')}}`;
  await store.sql`
    select append_batch(
      ${list(wrong.map(({ tid }) => tid))}, ${list(wrong.map(({ cid }) => cid))}, '{2,1,1}', '{1,2,3,1}', '{0,0,0,1}',
      ${list(items.map(({ uid }) => uid))}, ${list(items.map(({ mid }) => mid))}, '{d,d,d,d}', '{text,text,text,text}',
      '{"{}","{}","{}","{}"}', null, null, null, null)`;
  expect(await Promise.all(wrong.map(({ cid }) => headOf(cid)))).toEqual([2, 1, 1]);
});
