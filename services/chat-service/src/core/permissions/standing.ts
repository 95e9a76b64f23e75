/** The role of a caller in a conversation, what a role in the tenant adds to it, and the order of roles. */
import { type ConversationKind, type Role, type TenantRole } from '@messagecore/protocol/features';

/**
 * A participant's role; `service` is the tenant's own back end, which stands above every role; null is everybody else
 * of the tenant.
 */
export type Standing = Role | 'service' | null;

const RANK: Readonly<Record<Exclude<Standing, null>, number>> = { member: 1, admin: 2, owner: 3, service: 4 };

/** 0 for somebody who does not take part. */
export function rank(standing: Standing): number {
  return standing === null ? 0 : RANK[standing];
}

/**
 * What a role in the tenant makes of a role in a conversation. The tenant's owner and admins are admins of every channel
 * that everybody may see, and of every group and channel in which they take part. In a dm nobody stands above the other.
 */
export function standingOf(kind: ConversationKind, role: Standing, tenantRole: TenantRole): Standing {
  if (kind === 'dm' || !(tenantRole === 'owner' || tenantRole === 'admin')) return role;
  if (role === null && kind !== 'public') return null;
  return rank(role) >= rank('admin') ? role : 'admin';
}
