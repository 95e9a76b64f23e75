/** What the consumers of links do when events were missed, or come late, and whom their jobs wait for (MSG-8). */
import { deferred } from '@messagecore/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appendBatch } from '../src/core/messages/append-batch.ts';
import { encodeBatch, subjects } from '@messagecore/protocol/bus';
import type { ConsumerKind, ReconcileState } from '../src/platform/consumers/consumer.ts';
import { makePreviews } from '../src/features/link-previews/make-previews.job.ts';
import type { OutboundAnswer } from '../src/platform/outbound/outbound.ts';
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

/** A message with links in a tenant of its own, as a job. */
async function linked(text = 'see https://example.org/') {
  const { store } = database;
  const room = await createRoom(store, { tid: await createTenant(store, { linkPreviews: true }) });
  const { tid, cid } = room;
  await appendBatch(store.sql, [messageTo(room, { body: JSON.stringify({ text }) })], []);
  return { id: 1, kind: 'preview links', tid, payload: { cid, seq: 1 }, attempt: 1, lease: '1' };
}

const PAGE = { status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from('<title>Page</title>') };

/** How jobs are run where pages answer like this; and which previews were found, by conversation. */
function runner(fetch: (url: string) => Promise<OutboundAnswer>) {
  const found: string[] = [];
  const kind = makePreviews({
    limits: { takePreview: async () => 0 },
    linkOutbound: { fetch: ({ url }) => fetch(url) },
    setPreviews: async ({ cid }) => void found.push(cid),
  });
  return { found, run: async (job: Awaited<ReturnType<typeof linked>>) => kind.effect?.(database.store.sql, job) };
}

test('[PREV-5] a tenant whose pages do not answer holds up no other one', async () => {
  const [hanging, asked] = [deferred<OutboundAnswer>(), deferred()];
  const { run, found } = runner(async (url) => {
    if (!url.includes('tarpit')) return PAGE;
    asked.resolve();
    return hanging.promise;
  });
  const job = await linked('see https://tarpit.example/');
  const first = run(job);
  await asked.promise;
  await expect(run(job)).rejects.toThrow('too much');
  const other = await linked();
  await run(other);
  expect(found).toEqual([other.payload.cid]);
  hanging.resolve(PAGE);
  await first;
  expect(found).toEqual([other.payload.cid, job.payload.cid]);
});

test('[PREV-5] where one of the links of a message fails, the others are waited for', async () => {
  const [hanging, asked] = [deferred<OutboundAnswer>(), deferred()];
  const { run } = runner(async (url) => {
    if (url.includes('bad')) throw new Error('does not work');
    asked.resolve();
    return hanging.promise;
  });
  const job = await linked('see https://bad.example/ and https://slow.example/');
  const first = run(job);
  let ended = false;
  const end = first.catch(() => {}).finally(() => (ended = true));
  await asked.promise;
  await expect(run(job)).rejects.toThrow('too much');
  expect(ended).toBe(false);
  hanging.resolve(PAGE);
  await expect(first).rejects.toThrow('does not work');
  await end;
});

test('[PREV-1] no page is asked for once the message is an hour old, or gone', async () => {
  const { sql } = database.store;
  const asked: string[] = [];
  const { run } = runner(async (url) => {
    asked.push(url);
    return PAGE;
  });
  const changes = [
    sql`created_at = now() - interval '61 minutes'`,
    sql`recalled_at = now()`,
    sql`expires_at = now() - interval '1 second'`,
  ];
  for (const change of changes) {
    const job = await linked();
    await sql`update messages set ${change} where conversation_id = ${job.payload.cid} and seq = 1`;
    await run(job);
  }
  expect(asked).toEqual([]);
  await run(await linked());
  expect(asked).toEqual(['https://example.org/']);
});
