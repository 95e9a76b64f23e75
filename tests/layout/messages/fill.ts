import type postgres from 'postgres';
import { say } from '../run/say.ts';
import { timed } from '../run/measure.ts';
import { connect, createLayout, databaseOf, index, nameOf } from './layouts.ts';
import { CONVERSATIONS, storeQuickly } from './population.ts';

/** Rows in one statement. */
const PIECE = 250_000;

/** A database with so many messages, in the order of sending: neighbours are of different conversations. */
export async function fill(serverUrl: string, partitions: number, rows: number): Promise<void> {
  const name = `${nameOf(partitions)}, ${rows} messages`;
  const sql = connect(await createLayout(serverUrl, databaseOf(partitions, rows), partitions));
  const filled = await timed(() => store(sql, rows));
  say(`${name}: stored in ${Math.round(filled / 1_000)} s`);
  await sql`set max_parallel_maintenance_workers = 2`;
  const indexed = await timed(() => index(sql));
  say(`${name}: indexed in ${Math.round(indexed / 1_000)} s`);
  await sql`update conversations set last_seq = ${rows / CONVERSATIONS}::int`;
  await sql`vacuum (analyze)`;
  await sql`checkpoint`;
  await sql.end();
}

/** By two connections. */
async function store(sql: postgres.Sql, rows: number): Promise<void> {
  let next = 0;
  const work = async () => {
    for (;;) {
      const from = next;
      if (from >= rows) return;
      next = Math.min(rows, from + PIECE);
      await storeQuickly(sql, from, next);
    }
  };
  await sql`alter table messages disable trigger user`;
  await Promise.all([work(), work()]);
  await sql`alter table messages enable trigger user`;
}
