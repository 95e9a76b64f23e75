/**
 * Asks the table of permissions (table.ts) for one command (CONV-5). Pure: each function returns or throws `not_member`,
 * `muted` or `forbidden` with the reason; the caller has already made sure that the conversation is of the caller's tenant.
 */
import { ChatError } from '@messagecore/protocol';
import { type ConversationKind, type Role, type TenantRole } from '@messagecore/protocol/features';
import { rank, type Standing, standingOf } from './standing.ts';
import { type Action, type Least, type Permission, PERMISSIONS } from './table.ts';

/** Who asks, and of what conversation. */
export interface Situation {
  readonly kind: ConversationKind;
  readonly archived: boolean;
  /** Role in the conversation; null for somebody who does not take part. `service` is the tenant's back end. */
  readonly role: Role | 'service' | null;
  /** Not looked at for the back end. */
  readonly tenantRole: TenantRole;
  readonly muted: boolean;
}

/** `target` is the role of the participant whom a command is directed at, where the action asks for it. */
export function checkMay(action: Action, situation: Situation, target?: Role): void {
  const refusal = refusalOf(action, situation, target);
  if (refusal !== null) throw refusal;
}

export function may(action: Action, situation: Situation, target?: Role): boolean {
  return refusalOf(action, situation, target) === null;
}

function refusalOf(action: Action, situation: Situation, target: Role | undefined): ChatError | null {
  const permission: Permission = PERMISSIONS[action];
  const { kind, role, tenantRole, archived, muted } = situation;
  const standing = role === 'service' ? role : standingFor(permission, kind, role, tenantRole);
  const least = permission[kind];
  // A guest sees only what it was added to.
  if (standing === null && (least !== 'outsider' || tenantRole === 'guest')) return new ChatError('not_member');
  if (!reaches(standing, least)) return new ChatError('forbidden', reasonOf(permission, least, kind));
  if (role === 'service') return null;
  if (permission.closedByArchive === true && archived)
    return new ChatError('forbidden', 'the conversation is archived');
  if (permission.closedByMute === true && muted) return new ChatError('muted');
  if (permission.towardsLower === true && target !== undefined && rank(standing) <= rank(target)) {
    return new ChatError('forbidden', `${standing} does not stand above ${target}`);
  }
  return null;
}

/** A moderator of the tenant counts as an admin of it, for what moderation needs. */
function standingFor(
  { moderation }: Permission,
  kind: ConversationKind,
  role: Role | null,
  tenantRole: TenantRole,
): Standing {
  return standingOf(kind, role, tenantRole === 'moderator' && moderation === true ? 'admin' : tenantRole);
}

function reaches(standing: Standing, least: Least): boolean {
  if (least === 'nobody') return false;
  return least === 'outsider' || rank(standing) >= rank(least);
}

const WHO: Readonly<Record<Exclude<Least, 'nobody'>, string>> = {
  outsider: 'everybody',
  member: 'participants',
  admin: 'admins',
  owner: 'the owner',
  service: 'the tenant’s back end',
};

function reasonOf({ does }: Permission, least: Least, kind: ConversationKind): string {
  return least === 'nobody' ? `in a ${kind} nobody may ${does}` : `only ${WHO[least]} may ${does}`;
}
