import { ChatError } from '@messagecore/protocol';
import type { Passkey, ProveOneself } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { millis } from '../../platform/database/expressions.ts';
import type { Oneself } from '../../platform/operations/types.ts';
import type { AccountDeps } from './deps.ts';
import { proveOneself } from './prove-oneself.ts';
import { passkeys } from './tables.ts';

export const isOwn = ({ tid, uid }: Pick<Oneself, 'tid' | 'uid'>) =>
  and(eq(passkeys.tenantId, tid), eq(passkeys.userId, uid));

export async function listPasskeys(sql: Sql, self: Oneself): Promise<Passkey[]> {
  return db(sql)
    .select({
      ...{ passkeyId: passkeys.id, name: passkeys.name },
      ...{ createdAt: millis(passkeys.createdAt), lastUsedAt: millis(passkeys.lastUsedAt) },
    })
    .from(passkeys)
    .where(isOwn(self))
    .orderBy(passkeys.createdAt, passkeys.id);
}

/** Throws `not_found`. */
export async function renamePasskey(sql: Sql, self: Oneself, passkeyId: string, name: string): Promise<void> {
  const { count } = await db(sql)
    .update(passkeys)
    .set({ name })
    .where(and(isOwn(self), eq(passkeys.id, passkeyId)));
  if (count === 0) throw noPasskey();
}

/** Throws `not_found`, and what `proveOneself` does. Sign-ins that it began go on. */
export async function removePasskey(
  deps: AccountDeps,
  self: Oneself,
  passkeyId: string,
  proof: ProveOneself,
): Promise<void> {
  await proveOneself(deps, self, proof);
  await deps.sql.begin(async (tx) => {
    const { count } = await db(tx)
      .delete(passkeys)
      .where(and(isOwn(self), eq(passkeys.id, passkeyId)));
    if (count === 0) throw noPasskey();
    await auditPasskey(tx, self, 'remove_passkey', passkeyId);
  });
}

const noPasskey = () => new ChatError('not_found', 'no such passkey');

export function auditPasskey(
  tx: Transaction,
  { tid, uid, address }: Pick<Oneself, 'tid' | 'uid' | 'address'>,
  action: 'add_passkey' | 'remove_passkey' | 'refuse_passkey',
  passkeyId: string,
): Promise<void> {
  return appendAudit(tx, tid, { action, actor: `user:${uid}`, address, target: `passkey:${passkeyId}` });
}
