/** Queues at a constant rate: how they grow, and what it costs to look for the next rows. */
import { migrate } from '@messagecore/chat-service';
import { dropDatabase, ensureDatabase } from '@messagecore/dev-servers';
import type postgres from 'postgres';
import { openStore } from '../../../services/chat-service/src/platform/database/connect.ts';
import { connect } from '../messages/layouts.ts';
import { populate } from '../messages/population.ts';
import type { LayoutOptions } from '../options.ts';
import { both, figure, keepLine, type Line, tableOf } from '../run/figures.ts';
import { holdHorizon } from '../run/hold-horizon.ts';
import { timed } from '../run/measure.ts';
import { beside, keepRate } from '../run/pace.ts';
import { say } from '../run/say.ts';
import { measureWithin, type Place } from '../run/server.ts';
import { loadJobs, loadOutbox } from './loads.ts';
import { type Variant, VARIANTS } from './variants.ts';

export async function measureQueues(place: Place, { only, seconds }: LayoutOptions): Promise<string> {
  let table = '';
  for (const variant of VARIANTS.filter(({ name }) => only?.includes(name) ?? true)) {
    say(`queues: ${variant.name}`);
    const settings = { autovacuum: 'on', ...variant.settings };
    const line = await measureWithin(place, (url) => measureVariant(url, variant, seconds), settings);
    table = tableOf(await keepLine(place.dir, 'queues', line));
  }
  return table;
}

async function measureVariant(serverUrl: string, variant: Variant, seconds: number): Promise<Line> {
  const url = await ensureDatabase(serverUrl, 'queues');
  await migrate(url);
  const [admin, store] = [connect(url), openStore({ url })];
  try {
    for (const statement of variant.prepare) await admin.unsafe(statement);
    await populate(admin);
    await admin`vacuum (analyze)`;
    const load = variant.table === 'outbox' ? loadOutbox(store) : loadJobs(store);
    const puts: number[] = [];
    const work = keepRate(load.perSecond, seconds, async (n) => void puts.push(await timed(() => load.put(n))));
    const held = variant.isHeld ? holdHorizon(url, seconds) : undefined;
    const samples: Sample[] = [];
    const startedAt = performance.now();
    const look = async () => {
      const ms = await timed(load.fetch);
      const plainMs = load.plainFetch && (await timed(load.plainFetch));
      samples.push({
        plainMs,
        at: (performance.now() - startedAt) / 1_000,
        ms,
        ...(await stateOf(admin, variant.table)),
      });
    };
    await beside(250, look, work);
    await held;
    return { name: variant.name, values: valuesOf(samples, puts, seconds) };
  } finally {
    await Promise.all([store.close(), admin.end()]);
    await dropDatabase(url);
  }
}

interface State {
  readonly dead: number;
  readonly vacuums: number;
  readonly heap: number;
  readonly indexes: number;
}

interface Sample extends State {
  readonly at: number;
  readonly ms: number;
  readonly plainMs: number | undefined;
}

async function stateOf(admin: postgres.Sql, table: string): Promise<State> {
  const [row] = await admin<State[]>`
    select n_dead_tup::int as dead, autovacuum_count::int as vacuums, (pg_table_size(relid) / 1e6)::float8 as heap,
      (pg_indexes_size(relid) / 1e6)::float8 as indexes
    from pg_stat_user_tables where relname = ${table}`;
  return row ?? { dead: 0, vacuums: 0, heap: 0, indexes: 0 };
}

function valuesOf(samples: readonly Sample[], puts: readonly number[], seconds: number): Line['values'] {
  const between = (from: number, to: number) => samples.filter(({ at }) => at >= from && at < to);
  const [first, full, end] = [
    between(0, seconds / 6),
    between((seconds * 5) / 6 - 10, (seconds * 5) / 6),
    between(seconds - 10, seconds + 10),
  ];
  const msOf = (some: readonly Sample[]) => both(some.map(({ ms }) => ms));
  const plainOf = (some: readonly Sample[]) => both(some.flatMap(({ plainMs }) => plainMs ?? []));
  const most = (of: (sample: Sample) => number) => figure(Math.max(0, ...samples.map(of)));
  const last = samples.at(-1);
  return {
    'fetch in the first sixth, ms': msOf(first),
    'in the ten seconds up to five sixths': msOf(full),
    'in the last ten seconds': msOf(end),
    'all the time': msOf(samples),
    'fetch without a floor in the first sixth, ms': plainOf(first),
    'without, in the ten seconds up to five sixths': plainOf(full),
    'without, in the last ten seconds': plainOf(end),
    'put, ms': both(puts),
    'dead rows at most': most(({ dead }) => dead),
    'table, MB at most / in the end': `${most(({ heap }) => heap)} / ${figure(last?.heap ?? 0)}`,
    'indexes, MB at most / in the end': `${most(({ indexes }) => indexes)} / ${figure(last?.indexes ?? 0)}`,
    autovacuums: last?.vacuums ?? 0,
  };
}
