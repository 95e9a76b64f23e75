/** What is done to users and to what a tenant knows of them is written down in the transaction that does it. */
import { appendAudit } from '../../platform/audit/audit-log.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import type { Reader } from '../identity/caller.ts';

/** Call it last: others who write to the tenant's log wait from here on. */
export function auditUser(
  tx: Transaction,
  { tid, uid }: Reader,
  action:
    | 'deactivate_user'
    | 'reactivate_user'
    | 'erase_user'
    | 'merge_user'
    | 'put_profile_field'
    | 'delete_profile_field',
  target: string,
  after?: object,
): Promise<void> {
  const actor = uid === undefined ? 'backend' : `user:${uid}`;
  return appendAudit(tx, tid, { actor, address: '', action, target, after });
}
