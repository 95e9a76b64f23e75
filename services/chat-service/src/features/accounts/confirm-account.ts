import { ChatError } from '@messagecore/protocol';
import { type ConfirmAccount, type SignedIn, TenantRole } from '@messagecore/protocol/features';
import { and, eq, exists, sql as part } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import { users } from '../../core/users/tables.ts';
import { appendAudit } from '../../platform/audit/audit-log.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { checkNotClosed, findTenant } from './account-tenant.ts';
import { beginSignIn } from './begin-sign-in.ts';
import { hasPassword } from './check-password.ts';
import type { AccountDeps } from './deps.ts';
import { readToken, useToken } from './mail-tokens.ts';
import { checkNewPassword } from './rules.ts';
import { accounts } from './tables.ts';

/** Purposes of the tokens that make an account. A sign-up, which anybody may ask for, replaces no invitation. */
const PURPOSES = ['confirm', 'invitation'] as const;

/** What such a token says of the account. */
const NewAccount = z.object({
  displayName: z.string().optional(),
  role: TenantRole,
  locale: z.enum(['en', 'zh']),
});

/**
 * Makes the account of a sign-up or an invitation and signs in. The password is chosen here, by who has the mail, and not by
 * who asked for it. Throws `unauthorized` for a token that does not count, `bad_request` for a password that is easily
 * guessed, `conflict` when the address has an account by now, `forbidden` when the tenant was closed since.
 */
export async function confirmAccount(
  deps: AccountDeps,
  { token, password, displayName, clientId }: ConfirmAccount,
  address: string,
): Promise<SignedIn> {
  const { tid, email } = await readToken(deps.sql, PURPOSES, token);
  const tenant = await findTenant(deps.sql, tid);
  checkNotClosed(tenant.settings);
  checkNewPassword(password, email);
  const passwordHash = await deps.passwords.hash(tid, password);
  const uid = await deps.sql.begin(async (tx) => {
    const { details } = await useToken(tx, PURPOSES, token);
    const given = NewAccount.parse(details);
    const name = displayName ?? given.displayName ?? email.slice(0, email.indexOf('@'));
    const { role, locale } = given;
    await forgetErased(tx, tid, email);
    const userId = await deps.createUser(tx, tid, { displayName: name, role });
    const { count } = await db(tx)
      .insert(accounts)
      .values({ tenantId: tid, userId, email, passwordHash, locale })
      .onConflictDoNothing({ target: [accounts.tenantId, accounts.email] });
    if (count === 0) throw new ChatError('conflict', 'the address has an account already');
    const by = { actor: `user:${userId}`, address };
    await appendAudit(tx, tid, { action: 'sign_up', ...by, target: `user:${userId}`, after: { role } });
    return userId;
  });
  return beginSignIn(deps, tenant, { uid, clientId, address }, hasPassword({ tid, uid, passwordHash }));
}

/** The account of an erased user goes with the next cleaning; its address is free before. */
async function forgetErased(tx: Transaction, tid: string, email: string): Promise<void> {
  const erased = db(tx)
    .select({ one: part`1` })
    .from(users)
    .where(and(eq(users.id, accounts.userId), eq(users.status, 'deleted')));
  await db(tx)
    .delete(accounts)
    .where(and(eq(accounts.tenantId, tid), eq(accounts.email, email), exists(erased)));
}
