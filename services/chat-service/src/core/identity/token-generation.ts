/** Raw SQL: parts of statements that judge tokens, of tables that are described above. */
import type { Fragment, Sql, Transaction } from '../../platform/database/connect.ts';

/** `generationOf` as it is by now: of the user `u`, and of the device `d`, whose row may be missing. */
export function tokenGeneration(sql: Sql | Transaction): Fragment {
  return sql`coalesce(d.generation, -1 - u.tokens_generation)`;
}
