/** What the consumers of links do when events were missed, or come late (MSG-8). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appendBatch } from '../src/core/messages/append-batch.ts';
import { encodeBatch, subjects } from '@messagecore/protocol/bus';
import type { ConsumerKind, ReconcileState } from '../src/platform/consumers/consumer.ts';
import { linkPreviewConsumers } from '../src/features/link-previews/link-previews.consumer.ts';
import { createDatabase, createRoom, createTenant, messageTo, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** All pieces, from the beginning of time. */
async function reconcile({ reconcile }: ConsumerKind): Promise<number> {
  const { sql } = database.store;
  let [cursor, pieces]: [string | null, number] = [null, 0];
  do {
    const state: ReconcileState = { since: new Date(0).toISOString(), cursor };
    cursor = await sql.begin((tx) => reconcile(tx, state));
    pieces += 1;
  } while (cursor !== null);
  return pieces;
}

const jobs = async () => {
  const rows = await database.store.sql<{ seq: number }[]>`
    delete from jobs where kind = 'preview links' returning (payload ->> 'seq')::int as seq`;
  return rows.map(({ seq }) => seq).toSorted();
};

test('[PREV-1] messages of the last hour with links are found, where the tenant wants previews', async () => {
  const { store } = database;
  const { sql } = store;
  const [sent, changed] = linkPreviewConsumers(sql);
  const link = JSON.stringify({ text: 'see https://example.org/' });
  for (const linkPreviews of [false, true]) {
    const room = await createRoom(store, { tid: await createTenant(store, { linkPreviews }) });
    const bodies = [link, link, JSON.stringify({ text: 'no link' }), link];
    await appendBatch(
      sql,
      bodies.map((body) => messageTo(room, { body })),
      [],
    );
    await sql`
      update messages set created_at = now() - interval '61 minutes' where conversation_id = ${room.cid} and seq = 1`;
    await sql`
      update messages set rev = 1, changed_at = now() - interval '30 minutes', edited_at = now()
      where conversation_id = ${room.cid} and seq = 1`;
    await sql`update messages set previews = '[]' where conversation_id = ${room.cid} and seq = 4`;
    // An hour, a minute a piece.
    expect(await reconcile(sent!)).toBeGreaterThanOrEqual(60);
    expect(await jobs()).toEqual(linkPreviews ? [2] : []);
    await reconcile(changed!);
    expect(await jobs()).toEqual(linkPreviews ? [1] : []);
  }
});

test('[PREV-1] begun late, it asks for no previews of what was said more than an hour before', async () => {
  const { store } = database;
  const { sql } = store;
  const room = await createRoom(store, { tid: await createTenant(store, { linkPreviews: true }) });
  const { tid, cid } = room;
  const [sent] = linkPreviewConsumers(sql);
  const body = { text: 'see https://example.org/' };
  await appendBatch(
    sql,
    [1, 2].map(() => messageTo(room, { body: JSON.stringify(body) })),
    [],
  );
  await sql`update messages set created_at = now() - interval '61 minutes' where conversation_id = ${cid} and seq = 1`;
  const frames = [1, 2].map((seq) => JSON.stringify({ t: 'message', cid, seq, rev: 0, kind: 'text', body }));
  const payload = encodeBatch({ v: 1, type: 'messages', tid, cid, first: 1, last: 2, count: 2 }, frames);
  await sent!.handle([{ subject: subjects.conversation(tid, cid, 'msg'), payload: Buffer.from(payload) }]);
  expect(await jobs()).toEqual([2]);
});
