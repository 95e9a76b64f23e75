/** What mails carry: kept as a hash, of each purpose and address the latest, used once. */
import { createHmac, randomBytes } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import { and, eq } from '../../platform/database/drizzle.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { fromNow, isAhead, isAnyOf } from '../../platform/database/expressions.ts';
import { hashOfSecret } from './rules.ts';
import { accountTokens } from './tables.ts';

type Purpose = (typeof accountTokens.$inferSelect)['purpose'];

const NONCE_BYTES = 32;

/** Tokens are made of nonces, with a key that the database does not have: a job may carry a nonce, and no token. */
export interface MailTokens {
  make(): { readonly nonce: string; readonly token: string };
  of(nonce: string): string;
}

export function createMailTokens(key: Buffer): MailTokens {
  const of = (nonce: string) => createHmac('sha256', key).update(nonce).digest('base64url');
  return {
    of,
    make() {
      const nonce = randomBytes(NONCE_BYTES).toString('base64url');
      return { nonce, token: of(nonce) };
    },
  };
}

/** In place of an earlier one of the same purpose and address. */
export async function storeToken(
  tx: Transaction,
  tid: string,
  { purpose, email, details }: { readonly purpose: Purpose; readonly email: string; readonly details: object },
  { token, ttlMs }: { readonly token: string; readonly ttlMs: number },
): Promise<void> {
  const { tenantId: tenant, purpose: kind, email: address } = accountTokens;
  const fresh = { hash: hashOfSecret(token), details, expiresAt: fromNow(ttlMs) };
  await db(tx)
    .insert(accountTokens)
    .values({ tenantId: tid, purpose, email, ...fresh })
    .onConflictDoUpdate({ target: [tenant, kind, address], set: fresh });
}

const columns = { tid: accountTokens.tenantId, email: accountTokens.email, details: accountTokens.details };
const counts = (token: string) => and(eq(accountTokens.hash, hashOfSecret(token)), isAhead(accountTokens.expiresAt));
const isGood = (purposes: readonly Purpose[], token: string) =>
  and(counts(token), isAnyOf(accountTokens.purpose, purposes));

/** Whether the token still counts, whatever it is for. */
export async function isStored(sql: Sql, token: string): Promise<boolean> {
  const rows = await db(sql).select({ hash: accountTokens.hash }).from(accountTokens).where(counts(token));
  return rows.length > 0;
}

/** What a token is for, without using it. Throws `unauthorized`. */
export async function readToken(sql: Sql, purposes: readonly Purpose[], token: string) {
  const [row] = await db(sql).select(columns).from(accountTokens).where(isGood(purposes, token));
  return row ?? refuse();
}

/** Uses a token up, if the transaction commits. Throws `unauthorized`. */
export async function useToken(tx: Transaction, purposes: readonly Purpose[], token: string) {
  const [row] = await db(tx).delete(accountTokens).where(isGood(purposes, token)).returning(columns);
  return row ?? refuse();
}

function refuse(): never {
  throw new ChatError('unauthorized', 'the token of the mail is unknown, used or too old');
}
