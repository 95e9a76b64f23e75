/** Who may open a way into a conversation, and whose way is still open. */
import { readSituation } from '../../core/conversations/conversation-queries.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { checkMay, may, type Situation } from '../../core/permissions/permissions.ts';
import { isActive } from '../../core/users/user-queries.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';

/** Whoever may add users may invite them. Throws `not_found`, `not_member`, `forbidden`. */
export function requireInviter(sql: Sql | Transaction, caller: Reader, cid: string): Promise<Situation> {
  return requireMay(sql, caller, cid, 'add');
}

/** Admins decide who comes in. Throws `not_found`, `not_member`, `forbidden`. */
export function requireAdmin(sql: Sql | Transaction, caller: Reader, cid: string): Promise<Situation> {
  return requireMay(sql, caller, cid, 'admit');
}

/** Whoever takes part may close the ways that they opened, admins those of others too. Throws `not_found`, `not_member`. */
export async function requireCloser(sql: Sql | Transaction, caller: Reader, cid: string): Promise<Situation> {
  const situation = await readSituation(sql, caller, cid);
  if (situation.role === null) checkMay('admit', situation);
  return situation;
}

/** Whether who opened the way, the back end when null, is let in and may add users now: else it is closed. */
export async function isStillInviter(
  sql: Sql | Transaction,
  tid: string,
  cid: string,
  by: string | null,
): Promise<boolean> {
  if (by !== null && !(await isActive(sql, tid, by))) return false;
  return may('add', await readSituation(sql, { tid, uid: by ?? undefined }, cid));
}

async function requireMay(
  sql: Sql | Transaction,
  caller: Reader,
  cid: string,
  action: 'add' | 'admit',
): Promise<Situation> {
  const situation = await readSituation(sql, caller, cid);
  checkMay(action, situation);
  return situation;
}
