/** What mails carry: kept as a hash, of each purpose and address the latest, used once. */
import { ChatError } from '@messagecore/protocol';
import { and, eq } from 'drizzle-orm';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { fromNow, isAhead } from '../../platform/database/expressions.ts';
import { hashOfSecret, newMailToken } from './rules.ts';
import { accountTokens } from './tables.ts';

type Purpose = (typeof accountTokens.$inferSelect)['purpose'];

/** Makes a token, in place of an earlier one of the same purpose and address. */
export async function makeToken(
  tx: Transaction,
  tid: string,
  { purpose, email, details }: { readonly purpose: Purpose; readonly email: string; readonly details: object },
  ttlMs: number,
): Promise<string> {
  const { token, hash } = newMailToken();
  const { tenantId: tenant, purpose: kind, email: address } = accountTokens;
  const fresh = { hash, details, expiresAt: fromNow(ttlMs) };
  await db(tx)
    .insert(accountTokens)
    .values({ tenantId: tid, purpose, email, ...fresh })
    .onConflictDoUpdate({ target: [tenant, kind, address], set: fresh });
  return token;
}

const columns = { tid: accountTokens.tenantId, email: accountTokens.email, details: accountTokens.details };
const isGood = (purpose: Purpose, token: string) =>
  and(
    eq(accountTokens.hash, hashOfSecret(token)),
    eq(accountTokens.purpose, purpose),
    isAhead(accountTokens.expiresAt),
  );

/** What a token is for, without using it. Throws `unauthorized`. */
export async function readToken(sql: Sql, purpose: Purpose, token: string) {
  const [row] = await db(sql).select(columns).from(accountTokens).where(isGood(purpose, token));
  return row ?? refuse();
}

/** Uses a token up, if the transaction commits. Throws `unauthorized`. */
export async function useToken(tx: Transaction, purpose: Purpose, token: string) {
  const [row] = await db(tx).delete(accountTokens).where(isGood(purpose, token)).returning(columns);
  return row ?? refuse();
}

function refuse(): never {
  throw new ChatError('unauthorized', 'the token of the mail is unknown, used or too old');
}
