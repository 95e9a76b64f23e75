/**
 * Secrets that are kept encrypted, whoever owns them: the check at start (check-secrets.ts) and the job after a change of the
 * ring of keys (seal-secrets.ts) walk one list of these, which roles/ makes.
 */
import { and, eq, isNotNull, isNull, or, type SQL, sql as part } from '../../platform/database/drizzle.ts';
import type { AnyPgColumn } from '../../platform/database/drizzle.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import type { SecretLocation } from './secrets.ts';

/** The secrets in one column of a table. */
export interface SealedSecrets {
  /** For whoever is told that a key is missing. */
  readonly name: string;
  readonly column: SecretLocation['column'];
  /** The primary key: the tenant, and the row where a tenant has several. */
  readonly tid: AnyPgColumn;
  readonly row?: AnyPgColumn;
  readonly sealed: AnyPgColumn;
  /** Where a version before kept them in clear; emptied when they are encrypted. */
  readonly clear?: AnyPgColumn;
  /** Writes the secret that was encrypted anew. */
  readonly write: (sql: Sql, isIt: SQL | undefined, sealed: string) => Promise<{ readonly count: number }>;
}

export interface SealedRow {
  readonly tid: string;
  readonly row: string | null;
  readonly clear: string | null;
  readonly sealed: string | null;
}

const nothing = part<null>`null`;
const isThere = ({ sealed, clear }: SealedSecrets) =>
  or(isNotNull(sealed), clear === undefined ? undefined : isNotNull(clear));

/** How many there are by the key that they are encrypted with; null for those in clear. */
export function countByKey(sql: Sql, secrets: SealedSecrets): Promise<{ keyId: string | null; count: number }[]> {
  const keyId = part<string | null>`split_part(${secrets.sealed}, '.', 1)`;
  return db(sql)
    .select({ keyId, count: part<number>`count(*)::int` })
    .from(secrets.sealed.table)
    .where(isThere(secrets))
    .groupBy(part`1`);
}

/** Up to so many in the order of the primary key, from the one after `last` on. */
export async function readSealed(
  sql: Sql,
  secrets: SealedSecrets,
  last: SealedRow | undefined,
  most: number,
): Promise<readonly SealedRow[]> {
  const { tid, row, sealed, clear } = secrets;
  const key = row === undefined ? [tid] : [tid, row];
  const after = last && part`(${part.join(key, part`, `)}) > (${last.tid}${row && part`, ${last.row}`})`;
  const rows = await db(sql)
    .select({ tid, row: row ?? nothing, sealed, clear: clear ?? nothing })
    .from(sealed.table)
    .where(and(isThere(secrets), after))
    .orderBy(...key)
    .limit(most);
  return rows as SealedRow[];
}

/** The row as long as nobody changes its secret. */
export function isUnchanged({ tid, row, sealed, clear }: SealedSecrets, from: SealedRow): SQL | undefined {
  const isStill = (column: AnyPgColumn | undefined, value: string | null) =>
    column && (value === null ? isNull(column) : eq(column, value));
  return and(eq(tid, from.tid), isStill(row, from.row), isStill(sealed, from.sealed), isStill(clear, from.clear));
}
