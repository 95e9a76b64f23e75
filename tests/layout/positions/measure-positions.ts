/** Heads, read positions and cursors: how their tables fare under the product's statements at a constant rate. */
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '@messagecore/chat-service';
import { dropDatabase, ensureDatabase } from '@messagecore/dev-servers';
import type postgres from 'postgres';
import { appendBatch } from '../../../services/chat-service/src/core/messages/append-batch.ts';
import { moveDelivered, moveReads } from '../../../services/chat-service/src/core/positions/move-positions.ts';
import { openStore, type Store } from '../../../services/chat-service/src/platform/database/connect.ts';
import { connect } from '../messages/layouts.ts';
import {
  CONVERSATIONS,
  conversation,
  member,
  messageIn,
  populate,
  randomOf,
  someOf,
  TENANT,
} from '../messages/population.ts';
import type { LayoutOptions } from '../options.ts';
import { both, figure, keepLine, type Line, tableOf } from '../run/figures.ts';
import { holdHorizon } from '../run/hold-horizon.ts';
import { timed } from '../run/measure.ts';
import { keepRate } from '../run/pace.ts';
import { say } from '../run/say.ts';
import { measureWithin, type Place } from '../run/server.ts';
import { TABLES, type Variant, VARIANTS } from './variants.ts';
import { walByTable, walPosition } from './wal-by-table.ts';

/** Participants of a conversation; each has one device. */
const MEMBERS = 5;
/** Rows that a statement changes, and rounds of all statements in a second: 5,000 changes of each table. */
const BATCH = 50;
const ROUNDS = 100;
/** At the end, for which the log is looked at: no page is new to it any more. */
const LOGGED_S = 10;

export async function measurePositions(place: Place, { only, seconds }: LayoutOptions): Promise<string> {
  let table = '';
  for (const variant of VARIANTS.filter(({ name }) => only?.includes(name) ?? true)) {
    say(`positions: ${variant.name}`);
    const settings = { autovacuum: 'on', autovacuum_naptime: '10s' };
    const line = await measureWithin(place, (url) => measureVariant(url, variant, seconds), settings);
    table = tableOf(await keepLine(place.dir, 'positions', line));
  }
  return table;
}

async function measureVariant(serverUrl: string, { name, prepare, isHeld }: Variant, seconds: number): Promise<Line> {
  const url = await ensureDatabase(serverUrl, 'positions');
  await migrate(url);
  const admin = connect(url);
  const store = openStore({ url });
  try {
    await admin`create extension pg_walinspect`;
    for (const statement of prepare) await admin.unsafe(statement);
    await populate(admin, { members: MEMBERS });
    await admin`
      insert into device_cursors (conversation_id, user_id, client_id, tenant_id, acked_seq)
      select conversation_id, user_id, 'client', tenant_id, 0 from participants`;
    await admin`update conversations set last_seq = 1000`;
    await admin`vacuum (analyze, full) conversations`;
    await admin`vacuum (analyze)`;
    const before = await statesOf(admin);
    const held = isHeld ? holdHorizon(url, seconds) : undefined;
    const { ms, wal } = await load(store, admin, seconds);
    await held;
    return { name, values: valuesOf({ before, after: await statesOf(admin), wal, seconds, ms }) };
  } finally {
    await Promise.all([store.close(), admin.end()]);
    await dropDatabase(url);
  }
}

async function load(store: Store, admin: postgres.Sql, seconds: number) {
  const random = randomOf(1);
  let [pos, from] = [0, ''];
  const ms: number[] = [];
  const round = async () => {
    pos += 1;
    await appendBatch(store.write, someOf(random, BATCH).map(messageIn), []);
    const people = someOf(random, BATCH, CONVERSATIONS * MEMBERS).map((n) => ({
      ...{ tid: TENANT, cid: conversation(n % CONVERSATIONS), pos: Math.min(1_000, Math.ceil(pos / 20)) },
      uid: member(((n % CONVERSATIONS) + Math.floor(n / CONVERSATIONS)) % CONVERSATIONS),
    }));
    ms.push(await timed(() => moveReads({ sql: store.sql, onMoves: () => {} }, people)));
    await moveDelivered(
      store.sql,
      people.map((person) => ({ ...person, clientId: 'client' })),
    );
  };
  await admin`checkpoint`;
  await keepRate(ROUNDS, Math.max(1, seconds - LOGGED_S), round);
  from = await walPosition(admin);
  await keepRate(ROUNDS, LOGGED_S, round);
  const wal = await walByTable(admin, { from, to: await walPosition(admin) }, TABLES);
  return { ms, wal };
}

interface State {
  readonly updates: number;
  readonly hot: number;
  readonly vacuums: number;
  readonly heap: number;
  readonly indexes: number;
  readonly dead: number;
}

/** Sessions tell what they have done when they have had nothing to do for a second. */
async function statesOf(admin: postgres.Sql): Promise<ReadonlyMap<string, State>> {
  await sleep(2_000);
  const rows = await admin<(State & { name: string })[]>`
    select relname as name, n_tup_upd::int as updates, n_tup_hot_upd::int as hot, autovacuum_count::int as vacuums,
      n_dead_tup::int as dead, (pg_table_size(relid) / 1e6)::float8 as heap, (pg_indexes_size(relid) / 1e6)::float8 as indexes
    from pg_stat_user_tables where relname = any(${[...TABLES]}::text[])`;
  return new Map(rows.map(({ name, ...state }) => [name, state]));
}

interface Measured {
  readonly before: ReadonlyMap<string, State>;
  readonly after: ReadonlyMap<string, State>;
  readonly wal: ReadonlyMap<string, number>;
  readonly seconds: number;
  readonly ms: readonly number[];
}

function valuesOf({ before, after, wal, seconds, ms }: Measured): Line['values'] {
  const values: Record<string, string | number> = {};
  for (const table of TABLES) {
    const [a, b] = [before.get(table)!, after.get(table)!];
    const updates = b.updates - a.updates;
    values[`${table}: updates`] = updates;
    values[`${table}: HOT, %`] = figure((100 * (b.hot - a.hot)) / updates);
    values[`${table}: table, MB`] = `${figure(a.heap)} → ${figure(b.heap)}`;
    values[`${table}: indexes, MB`] = `${figure(a.indexes)} → ${figure(b.indexes)}`;
    values[`${table}: WAL, bytes an update`] = figure(((wal.get(table) ?? 0) * seconds) / updates / LOGGED_S);
    values[`${table}: autovacuums / dead at the end`] = `${b.vacuums - a.vacuums} / ${b.dead}`;
  }
  return { ...values, 'statement of reads, ms': both(ms) };
}
