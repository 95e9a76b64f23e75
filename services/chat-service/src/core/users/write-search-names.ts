import { searchableNames } from './search-name.ts';
import { and, gt, ne } from '../../platform/database/drizzle.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { users } from './tables.ts';

const ROWS = 1_000;

/**
 * Writes the names by which users are found where an older version wrote or changed the row. Whoever is renamed
 * meanwhile keeps the newer name.
 *
 * @returns how many.
 */
export async function writeSearchNames(sql: Sql): Promise<number> {
  let written = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const rows = await db(sql)
      .select({
        uid: users.id,
        displayName: users.displayName,
        externalId: users.externalId,
        searchOf: users.searchOf,
      })
      .from(users)
      .where(and(gt(users.id, after), ne(users.status, 'deleted')))
      .orderBy(users.id)
      .limit(ROWS);
    const stale = rows.filter(({ searchOf, displayName }) => searchOf !== displayName);
    // Raw SQL: many rows in one update.
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
