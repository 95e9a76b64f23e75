/** Who may open a way into a conversation, and whose way is still open. */
import { ChatError } from '@messagecore/protocol';
import type { LockedConversation } from '../../core/conversations/conversation-transaction.ts';
import { type ConversationStanding, readStanding } from '../../core/conversations/conversation-queries.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { checkMayAdd, checkMayAdmit } from '../../core/permissions/permissions.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';

/** Whoever may add users may invite them. Throws `not_found`, `not_member`, `forbidden`. */
export async function requireInviter(
  sql: Sql | Transaction,
  caller: Reader,
  cid: string,
): Promise<ConversationStanding> {
  const found = await readStanding(sql, caller, cid);
  checkMayAdd(found.kind, found.standing, 'member');
  return found;
}

/** Admins decide who comes in. Throws `not_found`, `not_member`, `forbidden`. */
export async function requireAdmin(sql: Sql | Transaction, caller: Reader, cid: string): Promise<void> {
  const { kind, standing } = await readStanding(sql, caller, cid);
  checkMayAdmit(kind, standing);
}

export function mayAdmit({ kind, standing }: ConversationStanding): boolean {
  return passes(() => checkMayAdmit(kind, standing));
}

/** Whether who opened the way, the back end when null, may add users now: else it is closed. */
export async function isStillInviter(
  sql: Sql | Transaction,
  tid: string,
  cid: string,
  by: string | null,
): Promise<boolean> {
  const { kind, standing } = await readStanding(sql, { tid, uid: by ?? undefined }, cid);
  return passes(() => checkMayAdd(kind, standing, 'member'));
}

/** Admins decide who comes in: under the conversation's lock. */
export function checkMayLetIn({ kind, standing }: LockedConversation): void {
  checkMayAdmit(kind, standing);
}

function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (error instanceof ChatError) return false;
    throw error;
  }
}
