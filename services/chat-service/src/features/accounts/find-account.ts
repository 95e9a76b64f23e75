import { and, eq, ne } from '../../platform/database/drizzle.ts';
import { users } from '../../core/users/tables.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { accounts } from './tables.ts';

const columns = {
  ...{ tid: accounts.tenantId, uid: accounts.userId, email: accounts.email, locale: accounts.locale },
  ...{ passwordHash: accounts.passwordHash, status: users.status },
  ...{ totpSealed: accounts.totpSealed, totpConfirmed: accounts.totpConfirmed },
};

export type Account = NonNullable<Awaited<ReturnType<typeof findAccount>>>;

/** The account of an address or of a user who is not erased. */
export async function findAccount(
  sql: Sql | Transaction,
  tid: string,
  by: { readonly email: string } | { readonly uid: string },
) {
  const isAsked = 'email' in by ? eq(accounts.email, by.email) : eq(accounts.userId, by.uid);
  const [row] = await db(sql)
    .select(columns)
    .from(accounts)
    .innerJoin(users, eq(users.id, accounts.userId))
    .where(and(eq(accounts.tenantId, tid), isAsked, ne(users.status, 'deleted')));
  return row;
}
