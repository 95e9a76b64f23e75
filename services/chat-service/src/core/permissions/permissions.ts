/**
 * Asks the table of permissions (table.ts) for one command (CONV-5). Pure: each function returns or throws `not_member`,
 * `muted` or `forbidden` with the reason; the caller has already made sure that the conversation is of the caller's tenant.
 */
import { ChatError } from '@messagecore/protocol';
import { type ConversationKind, type Posting, type TenantRole } from '@messagecore/protocol/features';
import { rank, type Standing, standingOf } from './standing.ts';
import { type Action, type Least, type Permission, PERMISSIONS } from './table.ts';

/** A conversation as far as rights depend on it. */
export interface Rules {
  readonly kind: ConversationKind;
  readonly archived: boolean;
  /** Who sends messages. */
  readonly posting: Posting;
}

/** Somebody in a conversation, or outside of it. */
export interface Person {
  /** Role in the conversation; null for somebody who does not take part. `service` is the tenant's back end. */
  readonly role: Standing;
  /** Not looked at for the back end. */
  readonly tenantRole: TenantRole;
  readonly muted: boolean;
}

/** Who asks, and of what conversation. */
export interface Situation extends Rules, Person {}

export const BACK_END: Person = { role: 'service', tenantRole: 'member', muted: false };

/**
 * `target` is the participant whom a command is directed at, where the action asks for one: ranked as the one who asks is,
 * so that nobody stands above themselves.
 */
export function checkMay(action: Action, situation: Situation, target?: Person): void {
  const refusal = refusalOf(action, situation, target);
  if (refusal !== undefined) throw refusal;
}

export function may(action: Action, situation: Situation, target?: Person): boolean {
  return refusalOf(action, situation, target) === undefined;
}

const ANY: Omit<Situation, 'role'> = {
  ...{ kind: 'private', archived: false, posting: 'all' },
  ...{ tenantRole: 'member', muted: false },
};

/** Reading depends on nothing but taking part, so that many are judged by one column. */
export function refusalOfReading(takesPart: boolean): ChatError | undefined {
  return refusalOf('read', { ...ANY, role: takesPart ? 'member' : null }, undefined);
}

function refusalOf(action: Action, situation: Situation, target: Person | undefined): ChatError | undefined {
  const permission: Permission = PERMISSIONS[action];
  const { kind, role } = situation;
  const standing = standingFor(permission, kind, situation);
  const least = permission[kind];
  const outside = standing === null ? refusalOutside(permission, least, situation) : undefined;
  if (outside !== undefined) return outside;
  if (!reaches(standing, least)) return new ChatError('forbidden', reasonOf(permission, least, kind));
  if (role === 'service') return undefined;
  return refusalByState(permission, standing, situation) ?? refusalTowards(permission, kind, standing, target);
}

/** Of somebody who does not take part. A guest sees only what it was added to. */
function refusalOutside({ inTenant }: Permission, least: Least, { tenantRole }: Situation): ChatError | undefined {
  if (least !== 'outsider') return new ChatError('not_member');
  if (tenantRole !== 'guest') return undefined;
  return inTenant === true ? new ChatError('forbidden', 'guests are added by others') : new ChatError('not_member');
}

function refusalByState(
  { closedByArchive, closedByPosting, closedByMute }: Permission,
  standing: Standing,
  { archived, posting, muted }: Situation,
): ChatError | undefined {
  if (closedByArchive === true && archived) return new ChatError('forbidden', 'the conversation is archived');
  if (closedByPosting === true && posting === 'admins' && rank(standing) < rank('admin')) {
    return new ChatError('forbidden', ONLY_ADMINS_POST);
  }
  return closedByMute === true && muted ? new ChatError('muted') : undefined;
}

export const ONLY_ADMINS_POST = 'only admins post here';

function refusalTowards(
  permission: Permission,
  kind: ConversationKind,
  standing: Standing,
  target: Person | undefined,
): ChatError | undefined {
  if (permission.towardsLower !== true || target === undefined) return undefined;
  const other = standingFor(permission, kind, target);
  if (rank(standing) > rank(other)) return undefined;
  return new ChatError('forbidden', `${standing} does not stand above ${other}`);
}

/** A moderator of the tenant counts as an admin of it, for what moderation needs. */
function standingFor({ moderation, takesPart }: Permission, kind: ConversationKind, person: Person): Standing {
  const { role, tenantRole } = person;
  if (role === null && takesPart === true) return null;
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
