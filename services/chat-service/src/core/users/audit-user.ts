/** What is done to users and to what a tenant knows of them is written down in the transaction that does it. */
import type { Transaction } from '../../platform/database/connect.ts';
import { auditCaller, type Deed } from '../identity/audit-caller.ts';
import type { Reader } from '../identity/caller.ts';

interface DeedToUsers extends Deed {
  readonly action:
    | 'create_user'
    | 'update_user'
    | 'mint_token'
    | 'deactivate_user'
    | 'reactivate_user'
    | 'erase_user'
    | 'merge_user'
    | 'give_tenant_role'
    | 'revoke_device'
    | 'revoke_all_devices'
    | 'put_profile_field'
    | 'delete_profile_field';
}

/** Call it last: others who write to the tenant's log wait from here on. */
export function auditUser(tx: Transaction, caller: Reader, deed: DeedToUsers): Promise<void> {
  return auditCaller(tx, caller, deed);
}
