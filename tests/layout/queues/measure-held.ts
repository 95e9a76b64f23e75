/** What looking for the next rows costs behind rows that were deleted and cannot go, as somebody still reads. */
import { migrate } from '@messagecore/chat-service';
import { dropDatabase, ensureDatabase } from '@messagecore/dev-servers';
import { VirtualClock } from '@messagecore/kernel';
import type postgres from 'postgres';
import { emit } from '../../../services/chat-service/src/core/outbox/emit.ts';
import { forgetEvents, oldestEvents } from '../../../services/chat-service/src/core/relay/event-rows.ts';
import { forget, oldest, pending } from '../../../services/chat-service/src/core/relay/outbox.ts';
import { OutboxFloor } from '../../../services/chat-service/src/core/relay/outbox-floor.ts';
import { ORPHAN_AGE_MS, WRITER_MS } from '../../../services/chat-service/src/core/relay/writer-time.ts';
import { openStore, type Store } from '../../../services/chat-service/src/platform/database/connect.ts';
import { connect } from '../messages/layouts.ts';
import { populate, TENANT } from '../messages/population.ts';
import { both, figure, keepLine, type Line, tableOf } from '../run/figures.ts';
import { timed } from '../run/measure.ts';
import { say } from '../run/say.ts';
import { measureWithin, type Place } from '../run/server.ts';
import { loadJobs } from './loads.ts';

/** At 100 rows a second: ten seconds, two minutes, a quarter of an hour, an hour. */
const DELETED = [1_000, 12_000, 90_000, 360_000];
const TIMES = 20;
const AGES = { ageMs: WRITER_MS, orphanAgeMs: ORPHAN_AGE_MS };

export async function measureHeld(place: Place): Promise<string> {
  return measureWithin(
    place,
    async (serverUrl) => {
      const url = await ensureDatabase(serverUrl, 'held');
      await migrate(url);
      const [admin, reader, store] = [connect(url), connect(url), openStore({ url })];
      try {
        await populate(admin);
        await admin`vacuum (analyze)`;
        return await reader.begin('isolation level repeatable read', async (tx) => {
          await tx`select count(*) from tenants`;
          return measureGrowing(place, admin, store);
        });
      } finally {
        await Promise.all([store.close(), admin.end(), reader.end()]);
        await dropDatabase(url);
      }
    },
    { autovacuum: 'on', autovacuum_naptime: '10s' },
  );
}

async function measureGrowing(place: Place, admin: postgres.Sql, store: Store): Promise<string> {
  let [deleted, table] = [0, ''];
  for (const rows of DELETED) {
    for (; deleted < rows; deleted += 1_000) {
      await deleteRows(admin, store);
      await deleteEvents(admin, store);
    }
    for (let puts = rows / 200; puts > 0; puts -= 1) await loadJobs(store).put(0);
    say(`${rows} deleted`);
    const line = { name: `behind ${rows} rows`, values: await measureFetches(admin, store) };
    table = tableOf(await keepLine(place.dir, 'held', line));
  }
  return table;
}

/** Rows as batches of 50 messages make them. */
async function deleteRows(admin: postgres.Sql, { sql }: Store): Promise<void> {
  const rows = await admin<{ id: string }[]>`
    insert into outbox (topic, created_at, conversation_ids, firsts, lasts)
    select 'msg', now(), (select array_agg(gen_random_uuid()) from generate_series(1, 50)), array_fill(n::bigint, array[50]),
      array_fill(n::bigint, array[50])
    from generate_series(1, 1000) n returning id`;
  await forget(
    sql,
    rows.map(({ id }) => Number(id)),
  );
}

/** All about one conversation: the worst case for whoever emits another one. */
async function deleteEvents(admin: postgres.Sql, { sql }: Store): Promise<void> {
  const rows = await admin<{ id: string }[]>`
    insert into outbox_events (topic, tenant_id, about, payload)
    select 'conversation', ${TENANT}, ${TENANT}, repeat('x', 200) from generate_series(1, 1000) returning id`;
  await forgetEvents(
    sql,
    rows.map(({ id }) => Number(id)),
  );
}

async function measureFetches(admin: postgres.Sql, store: Store): Promise<Line['values']> {
  const { sql } = store;
  const clock = new VirtualClock();
  const floor = new OutboxFloor(clock);
  const raise = async () => {
    clock.advance(5_000);
    await floor.raise(sql);
  };
  for (let n = 0; n < 3; n += 1) await raise();
  const event = { topic: 'conversation' as const, tid: TENANT, about: TENANT, payload: 'x' };
  const acts: Record<string, () => Promise<unknown>> = {
    'outbox: next rows without a floor': () => oldest(sql, { ...AGES, rows: 64, frames: 2_000 }),
    'outbox: next rows': () => oldest(sql, { from: floor.id, ...AGES, rows: 64, frames: 2_000 }),
    'outbox: raise the floor': raise,
    'outbox: count': () => pending(sql),
    'events: next rows': () => oldestEvents(sql, { ...AGES, rows: 100 }),
    'events: emit another': () => sql.begin((tx) => emit(tx as never, [event])),
    'jobs: claim behind a tenth as many': () => loadJobs(store).fetch(),
  };
  const values: Record<string, string> = {};
  for (const [name, act] of Object.entries(acts)) {
    await act();
    const ms: number[] = [];
    for (let time = 0; time < TIMES; time += 1) ms.push(await timed(act));
    values[`${name}, ms`] = both(ms);
  }
  const [size] = await admin<{ mb: number }[]>`select (pg_total_relation_size('outbox') / 1e6)::float8 as mb`;
  return { ...values, 'outbox, MB': figure(size?.mb ?? 0) };
}
