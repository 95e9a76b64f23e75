import { databaseUrl } from '@messagecore/dev-servers';
import { figure, type Line } from '../run/figures.ts';
import { timed } from '../run/measure.ts';
import { say } from '../run/say.ts';
import { connect, databaseOf } from './layouts.ts';

/** Every tenth message has got a reaction: new versions of rows on all pages, and new entries in all indexes. */
export async function changeTenth(serverUrl: string, partitions: number, rows: number): Promise<void> {
  const sql = connect(databaseUrl(serverUrl, databaseOf(partitions, rows)));
  const ms = await timed(
    () => sql`
      update messages set rev = seq, changed_at = created_at, reactions = '[["+1",1]]'
      where hashtext(mid) % 10 = 0`,
  );
  await sql`checkpoint`;
  say(`changed a tenth in ${Math.round(ms / 1_000)} s`);
  await sql.end();
}

/** As fast as it can: the cost limits of autovacuum come on top. */
export async function measureVacuum(serverUrl: string, partitions: number, rows: number): Promise<Line['values']> {
  const sql = connect(databaseUrl(serverUrl, databaseOf(partitions, rows)));
  try {
    const ms = await timed(() => sql`vacuum messages`);
    return { 'vacuum after 10 % changed, s': figure(ms / 1_000) };
  } finally {
    await sql.end();
  }
}
