/** Raw SQL: a membership ends and its mute is kept in one statement; the order of successors. */
import { checkMay } from '../permissions/permissions.ts';
import type { Role } from '@messagecore/protocol/features';
import type { Actor } from '../identity/caller.ts';
import { resolveAnyUser } from '../users/user-queries.ts';
import { roleGiven } from './audited-deeds.ts';
import {
  type Changer,
  changeConversation,
  type ConversationDeps,
  type LockedConversation,
  lockParticipants,
} from './conversation-transaction.ts';

/** Removes a participant, or oneself. Throws `not_found`, `not_member`, `forbidden`. */
export async function removeParticipant(
  deps: ConversationDeps,
  changer: Changer,
  cid: string,
  ref: string,
): Promise<void> {
  const user = await resolveAnyUser(deps.sql, changer.tid, ref);
  if (user === changer.uid) return leaveConversation(deps, { ...changer, uid: user }, cid);
  const remove = async (held: LockedConversation) => {
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
export async function removeMember(held: LockedConversation, user: string, sysEvent: string) {
  const wasOwner = (await held.participantOf(user)).role === 'owner';
  const owner = wasOwner ? await successorOf(held, user) : undefined;
  if (owner !== undefined) await lockParticipants(held, [user, owner.uid]);
  await endMembership(held, user);
  if (owner !== undefined) await promoteToOwner(held, owner.uid);
  return {
    result: undefined,
    event: 'removed' as const,
    sysEvent,
    users: [user],
    notify: [user],
    ...(owner !== undefined && { details: { owner: owner.uid } }),
    access: true,
    audit: owner === undefined ? [] : [roleGiven(owner.uid, owner.role, 'owner')],
  };
}

/** Keeps the mute after the membership ends: leaving and coming back must not lift it (PERM-2). */
async function endMembership({ tx, cid }: LockedConversation, user: string): Promise<void> {
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

interface Successor {
  readonly uid: string;
  readonly role: Role;
}

/**
 * The new owner: the admin, or else the member, who joined first, among active users who are not banned; a muted one
 * only if all are muted, as nobody could unmute an owner. Undefined when there is nobody.
 */
async function successorOf({ tx, cid, tid }: LockedConversation, owner: string): Promise<Successor | undefined> {
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

async function promoteToOwner({ tx, cid }: LockedConversation, successor: string): Promise<void> {
  await tx`update participants set role = 'owner' where conversation_id = ${cid} and user_id = ${successor}`;
}
