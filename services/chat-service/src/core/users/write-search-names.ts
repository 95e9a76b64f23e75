import { searchableNames } from './search-name.ts';
import type { Sql } from '../../platform/database/connect.ts';

const ROWS = 1_000;

interface Row {
  readonly uid: string;
  readonly displayName: string;
  readonly externalId: string | null;
  readonly stale: boolean;
}

/**
 * Writes the names by which users are found where an older version wrote or changed the row. Whoever is renamed
 * meanwhile keeps the newer name.
 *
 * @returns how many.
 */
export async function writeSearchNames(sql: Sql): Promise<number> {
  let written = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const rows = await sql<Row[]>`
      select id as uid, display_name as "displayName", external_id as "externalId",
        search_of is distinct from display_name as stale
      from users where id > ${after} and status <> 'deleted' order by id limit ${ROWS}`;
    const stale = rows.filter((row) => row.stale);
    const { count } = await sql`
      update users u set search_name = named.names, search_of = named.of
      from unnest(
        ${stale.map(({ uid }) => uid)}::uuid[],
        ${stale.map(({ displayName }) => displayName)}::text[],
        ${stale.map(({ displayName, externalId }) => searchableNames(displayName, externalId))}::text[]
      ) as named(id, of, names)
      where u.id = named.id and u.display_name = named.of`;
    written += count;
    const last = rows.at(-1);
    if (last === undefined) return written;
    after = last.uid;
  }
}
