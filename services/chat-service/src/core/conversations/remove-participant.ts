/** Raw SQL: a membership ends and its mute is kept in one statement; the order of successors. */
import { checkMay } from '../permissions/permissions.ts';
import type { Role, SysEvent } from '@messagecore/protocol/features';
import type { Actor } from '../identity/caller.ts';
import { resolveAnyUser } from '../users/user-queries.ts';
import { roleGiven } from './audited-deeds.ts';
import {
  type Changer,
  changeConversation,
  type ConversationDeps,
  type LockedConversation,
  lockParticipants,
  type Place,
} from './conversation-transaction.ts';
import { judgeOutsider, usersNamed } from './users-named.ts';

/** Removes a participant, or oneself. Throws `not_found`, `not_member`, `forbidden`. */
export async function removeParticipant(
  deps: ConversationDeps,
  changer: Changer,
  cid: string,
  ref: string,
): Promise<void> {
  const { sql } = deps;
  const user = await usersNamed(resolveAnyUser(sql, changer, ref), { sql, caller: changer, cid, action: 'remove' });
  if (user === changer.uid) return leaveConversation(deps, { ...changer, uid: user }, cid);
  const remove = async (held: LockedConversation) => {
    judgeOutsider('remove', held.situation);
    const target = await held.participantOf(user);
    checkMay('remove', held.situation, target);
    const removed = await removeMember(held, user, 'removed');
    const deed = { action: 'remove_participant', target: `user:${user}`, before: { role: target.role } };
    return { ...removed, audit: [deed, ...removed.audit] };
  };
  return changeConversation(deps, changer, cid, remove);
}

/** The user leaves. When the owner leaves, a successor becomes owner (PERM-5). */
export function leaveConversation(deps: ConversationDeps, user: Changer & Actor, cid: string): Promise<void> {
  const leave = async (held: LockedConversation) => {
    checkMay('leave', held.situation);
    return removeMember(held, user.uid, 'left');
  };
  return changeConversation(deps, user, cid, leave);
}

/** Ends the membership of somebody who takes part. */
export async function removeMember(held: LockedConversation, user: string, sysEvent: SysEvent) {
  const { role } = await held.participantOf(user);
  const successor = await endMembership(held, user, role);
  return {
    result: undefined,
    event: 'removed' as const,
    sysEvent,
    users: [user],
    notify: [user],
    ...(successor !== undefined && { details: { owner: successor.uid } }),
    access: true,
    audit: successor === undefined ? [] : [roleGiven(successor.uid, successor.role, 'owner')],
  };
}

/** Who became the owner, and what they were before. */
export interface Successor {
  readonly uid: string;
  readonly role: Role;
}

/** Deletes a membership. When it is the owner's, a successor becomes owner (PERM-5) and is returned. */
export async function endMembership(place: Place, user: string, role: Role): Promise<Successor | undefined> {
  const successor = role === 'owner' ? await successorOf(place, user) : undefined;
  if (successor !== undefined) await lockParticipants(place, [user, successor.uid]);
  await deleteMembership(place, user);
  if (successor !== undefined) await promoteToOwner(place, successor.uid);
  return successor;
}

/** Keeps the mute after the membership ends: leaving and coming back must not lift it (PERM-2). */
async function deleteMembership({ tx, cid }: Place, user: string): Promise<void> {
  await tx`
    with ended as (
      delete from participants where conversation_id = ${cid} and user_id = ${user}
      returning conversation_id, user_id, tenant_id, muted_until, mute_reason
    )
    insert into kept_mutes (conversation_id, user_id, tenant_id, muted_until, mute_reason)
    select * from ended where muted_until > now()
    on conflict (conversation_id, user_id) do update
    set muted_until = excluded.muted_until, mute_reason = excluded.mute_reason`;
}

/**
 * The new owner: the admin, or else the member, who joined first, among active users who are not banned; a muted one
 * only if all are muted, as nobody could unmute an owner. Undefined when there is nobody.
 */
async function successorOf({ tx, cid, tid }: Place, owner: string): Promise<Successor | undefined> {
  const [successor] = await tx<Successor[]>`
    select p.user_id as uid, p.role from participants p join users u on u.id = p.user_id and u.tenant_id = ${tid}
    where p.conversation_id = ${cid} and p.user_id <> ${owner} and u.status = 'active'
      and not exists (
        select from conversation_bans b
        where b.conversation_id = ${cid} and b.user_id = p.user_id and (b.until is null or b.until > now())
      )
    order by coalesce(p.muted_until > now(), false), p.role = 'admin' desc, p.joined_at, p.user_id limit 1`;
  return successor;
}

async function promoteToOwner({ tx, cid }: Place, successor: string): Promise<void> {
  await tx`update participants set role = 'owner' where conversation_id = ${cid} and user_id = ${successor}`;
}
