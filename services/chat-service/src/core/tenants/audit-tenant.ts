/** What is done to tenants and their keys is written down in the transaction that does it. */
import type { Transaction } from '../../platform/database/connect.ts';
import { auditCaller } from '../identity/audit-caller.ts';

/** Who does it, and from which address. */
export interface By {
  /** `operator`, `backend:<key id>` or `user:<user id>`. */
  readonly actor: string;
  readonly address: string;
  /** The user who asks, or for whom the back end does. */
  readonly uid?: string | undefined;
}

/** Call it last: others who change the same tenant wait from here on. */
export function auditTenant(
  tx: Transaction,
  by: By,
  tid: string,
  verb: 'create' | 'update' | 'suspend' | 'reactivate' | 'delete' | 'undelete',
  before: object | undefined,
  after: object,
): Promise<void> {
  const deed = { action: `${verb}_tenant`, target: `tenant:${tid}`, before, after };
  return auditCaller(tx, { uid: undefined, ...by, tid }, deed);
}

/** `before` and `after` are what the key may do and how long, never the key. */
export function auditKey(
  tx: Transaction,
  by: By,
  tid: string,
  keyId: string,
  verb: 'create' | 'rotate' | 'revoke',
  { before, after }: { readonly before?: object; readonly after?: object },
): Promise<void> {
  const deed = { action: `${verb}_api_key`, target: `api-key:${keyId}`, before, after };
  return auditCaller(tx, { uid: undefined, ...by, tid }, deed);
}
