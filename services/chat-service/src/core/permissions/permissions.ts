/**
 * Who may do what to a conversation and its participants (CONV-5). Pure: each function returns or throws `not_member`
 * or `forbidden` with the reason; the caller has already made sure that the conversation is of the caller's tenant.
 */
import { ChatError } from '@messagecore/protocol';
import { type ConversationKind, type Role } from '@messagecore/protocol/features';
import { rank, requireStanding, type Standing } from './standing.ts';

function refuse(detail: string): never {
  throw new ChatError('forbidden', detail);
}

/** Everybody in the tenant may see a public channel's name and topic; only participants see its messages. */
export function checkMaySee(kind: ConversationKind, standing: Standing): void {
  if (kind !== 'public') requireStanding(standing, 'member', 'see it');
}

/** Name, topic, avatar, metadata and archiving: everyone in a dm or group, admins in a channel. */
export function checkMayChange(kind: ConversationKind, standing: Standing, renames: boolean): void {
  requireStanding(standing, kind === 'dm' || kind === 'group' ? 'member' : 'admin', 'change the channel');
  if (kind === 'dm' && renames) refuse('a dm has no name, topic or avatar of its own');
}

/** Only admins decide whether newcomers see older messages, in a group too. */
export function checkMaySetHistory(kind: ConversationKind, standing: Standing): void {
  if (kind === 'dm') refuse('the two of a dm see all of it');
  requireStanding(standing, 'admin', 'decide what newcomers see');
}

/** Deletion takes the history from everybody: the owner, and in a dm only the tenant's back end. */
export function checkMayDelete(kind: ConversationKind, standing: Standing): void {
  requireStanding(standing, kind === 'dm' ? 'service' : 'owner', 'delete it');
}

/** `role` is what the added users are to become. */
export function checkMayAdd(kind: ConversationKind, standing: Standing, role: Role): void {
  if (standing === null) throw new ChatError('not_member');
  if (kind === 'dm') refuse('a dm has exactly two users');
  requireStanding(standing, kind === 'private' ? 'admin' : 'member', 'add users to a private channel');
  if (rank(role) > rank('member')) requireStanding(standing, 'owner', 'add admins');
}

/** Whoever may add users may invite them, and make links. Others' links and requests to join are for admins. */
export function checkMayAdmit(kind: ConversationKind, standing: Standing): void {
  if (standing === null) throw new ChatError('not_member');
  if (kind === 'dm') refuse('a dm has exactly two users');
  requireStanding(standing, 'admin', 'decide who comes in');
}

export function checkMayJoin(kind: ConversationKind): void {
  if (kind !== 'public') throw new ChatError('not_member', 'only a public channel can be joined without being added');
}

export function checkMayLeave(kind: ConversationKind, standing: Standing): void {
  requireStanding(standing, 'member', 'leave');
  if (kind === 'dm') refuse('a dm cannot be left');
}

/** Removing or muting: admins, and only somebody who stands below oneself. */
export function checkMayRestrict(kind: ConversationKind, standing: Standing, target: Role): void {
  if (standing === null) throw new ChatError('not_member');
  if (kind === 'dm') refuse('the two of a dm are equals');
  requireStanding(standing, 'admin', 'remove or mute others');
  if (rank(standing) <= rank(target)) refuse(`${standing} does not stand above ${target}`);
}

/** Only the owner gives roles. The owner's own role changes only by handing ownership over. */
export function checkMayGiveRole(kind: ConversationKind, standing: Standing, target: Role, role: Role): void {
  if (standing === null) throw new ChatError('not_member');
  if (kind === 'dm') refuse('the two of a dm are equals');
  requireStanding(standing, 'owner', 'give roles');
  if (target === 'owner' && role !== 'owner') refuse('make somebody else the owner instead');
}
