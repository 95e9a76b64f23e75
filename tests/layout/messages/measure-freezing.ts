/** What vacuum does to rows that were stored and never changed: at once, or when their age demands it. */
import { databaseUrl, dropDatabase } from '@messagecore/dev-servers';
import type postgres from 'postgres';
import { figure, keepLine, type Line, tableOf } from '../run/figures.ts';
import { timed, walOf } from '../run/measure.ts';
import { say } from '../run/say.ts';
import { fillQuickly, measureWithin, type Place } from '../run/server.ts';
import { fill } from './fill.ts';
import { connect, databaseOf } from './layouts.ts';
import { storeQuickly } from './population.ts';

const OLD = 4_000_000;
/** Rows after which autovacuum comes (migration 0001). */
const NEW = 1_000_000;
const PIECES = 4;

export async function measureFreezing(place: Place): Promise<string> {
  await fillQuickly(place, (url) => fill(url, 0, OLD));
  const lines = await measureWithin(place, measureAll);
  await fillQuickly(place, (url) => dropDatabase(databaseUrl(url, databaseOf(0, OLD))));
  let table = '';
  for (const line of lines) table = tableOf(await keepLine(place.dir, 'freezing', line));
  return table;
}

async function measureAll(serverUrl: string): Promise<readonly Line[]> {
  const sql = connect(databaseUrl(serverUrl, databaseOf(0, OLD)));
  try {
    const old = await vacuum(sql, 'vacuum (freeze) messages', 0);
    const later = await afterInserts(sql, { age: 50_000_000, from: OLD });
    const atOnce = await afterInserts(sql, { age: 0, from: OLD + NEW });
    return [{ name: '4 M rows that were never frozen', values: old }, ...later, ...atOnce];
  } finally {
    await sql.end();
  }
}

/** Vacuum as autovacuum does it after inserts, then, after a checkpoint, freezing as their age demands. */
async function afterInserts(
  sql: postgres.Sql,
  { age, from }: { readonly age: number; readonly from: number },
): Promise<readonly Line[]> {
  await sql`checkpoint`;
  const insert = async () => {
    for (let piece = 0; piece < PIECES; piece += 1) {
      const first = from + (piece * NEW) / PIECES;
      await storeQuickly(sql, first, first + NEW / PIECES);
    }
  };
  say(`stored a million in ${Math.round((await timed(insert)) / 1_000)} s`);
  const first = await vacuum(sql, 'vacuum messages', age);
  await sql`checkpoint`;
  const second = await vacuum(sql, 'vacuum (freeze) messages', age);
  const name = age === 0 ? 'freeze_min_age 0' : 'default age';
  return [
    { name: `after 1 M inserts, ${name}`, values: first },
    { name: `freezing later, ${name}`, values: second },
  ];
}

async function vacuum(sql: postgres.Sql, statement: string, age: number): Promise<Line['values']> {
  const only = await sql.reserve();
  try {
    await only.unsafe(`set vacuum_freeze_min_age = ${age}`);
    let ms = 0;
    const wal = await walOf(sql, async () => {
      ms = await timed(() => only.unsafe(statement));
    });
    const [row] = await sql<{ visible: number; frozen: number; pages: number }[]>`
      select all_visible::int as visible, all_frozen::int as frozen,
        (pg_relation_size('messages') / 8192)::int as pages
      from pg_visibility_map_summary('messages')`;
    const share = (count = 0) => figure((100 * count) / (row?.pages ?? 1));
    return {
      'vacuum, s': figure(ms / 1_000),
      'WAL, MB': figure(wal / 1e6),
      pages: row?.pages ?? 0,
      'all visible, %': share(row?.visible),
      'all frozen, %': share(row?.frozen),
    };
  } finally {
    only.release();
  }
}
