/** What a caller of a tenant does is written down in the transaction that does it. */
import { appendAudit } from '../../platform/audit/audit-log.ts';
import type { AuditEntry } from '../../platform/audit/entry.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import type { Reader } from './caller.ts';

/** What was done to whom; who did it, and from where, the caller says. */
export type Deed = Pick<AuditEntry, 'action' | 'target' | 'before' | 'after'>;

/**
 * Call it last: others who append to the tenant's log wait from here on. Of a back end that acts for a user, `after` names
 * the user as `onBehalfOf`.
 */
export function auditCaller(tx: Transaction, caller: Reader, deed: Deed): Promise<void> {
  const { tid, uid, address = '' } = caller;
  const actor = actorOf(caller);
  const user = userOf(caller);
  const after = user === undefined || user === actor ? deed.after : { ...deed.after, onBehalfOf: uid };
  return appendAudit(tx, tid, { ...deed, actor, address, after });
}

/** Who it is in entries of the log. */
export const actorOf = (caller: Reader): string => caller.actor ?? userOf(caller) ?? 'backend';

const userOf = ({ uid }: Reader) => (uid === undefined ? undefined : `user:${uid}`);
