/** The role of a caller in a conversation, and the order of roles. */
import { ChatError } from '@messagecore/protocol';
import { type Role } from '@messagecore/protocol/features';

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

/** Throws `not_member` for an outsider and `forbidden` for somebody below `least`. */
export function requireStanding(standing: Standing, least: Exclude<Standing, null>, what: string): void {
  if (standing === null) throw new ChatError('not_member');
  if (rank(standing) < rank(least)) throw new ChatError('forbidden', `only ${article(least)} may ${what}`);
}

function article(role: Exclude<Standing, null>): string {
  return role === 'service' ? 'the tenant’s back end' : `${role === 'member' ? 'a' : 'an'} ${role}`;
}
