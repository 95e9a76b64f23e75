import { ChatError } from '@messagecore/protocol';
import type { Invite, SignUp, TenantRole } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import { auditCaller } from '../../core/identity/audit-caller.ts';
import { checkKeyReaches, checkMayGiveTenantRole } from '../../core/permissions/tenant-roles.ts';
import { users } from '../../core/users/tables.ts';
import { db } from '../../platform/database/db.ts';
import type { OperationCaller } from '../../platform/operations/types.ts';
import { checkNotClosed, findTenant, maySignUp } from './account-tenant.ts';
import { askForMail, checkMayMail } from './ask-for-mail.ts';
import type { AccountDeps } from './deps.ts';

/** Has a mail sent with which the sign-up goes on. Throws `forbidden` where one may not sign up, or without mails. */
export async function signUp(deps: AccountDeps, { tenant: ref, email, displayName, locale }: SignUp): Promise<void> {
  const { tid, settings } = await findTenant(deps.sql, ref);
  if (!maySignUp(settings, email)) throw new ChatError('forbidden', 'nobody may sign up here with this address');
  await checkMayMail(deps, tid, email);
  await askForMail(deps.sql, tid, { about: 'sign_up', email, displayName, locale });
}

/**
 * Has an invitation sent: by the back end, or by an admin, to at most the own role. Throws `forbidden`, also where the tenant
 * is closed.
 */
export async function invite(deps: AccountDeps, caller: OperationCaller, request: Invite): Promise<void> {
  const { tid, uid } = caller;
  const { email, displayName, role, locale } = request;
  checkKeyReaches(caller, role);
  const { settings } = await findTenant(deps.sql, tid);
  checkNotClosed(settings);
  if (uid !== undefined) await checkMayInvite(deps, { tid, uid }, role);
  await checkMayMail(deps, tid, email);
  await deps.sql.begin(async (tx) => {
    await askForMail(tx, tid, { about: 'invitation', email, displayName, role, locale });
    const target = `account:${deps.nameInLog(tid, email)}`;
    await auditCaller(tx, caller, { action: 'invite_account', target, after: { role } });
  });
}

async function checkMayInvite(
  { sql }: AccountDeps,
  { tid, uid }: { readonly tid: string; readonly uid: string },
  role: TenantRole,
): Promise<void> {
  const [user] = await db(sql)
    .select({ role: users.role })
    .from(users)
    .where(and(eq(users.tenantId, tid), eq(users.id, uid)));
  if (user === undefined) throw new ChatError('forbidden', 'only admins invite');
  checkMayGiveTenantRole(user.role, role, role);
}
