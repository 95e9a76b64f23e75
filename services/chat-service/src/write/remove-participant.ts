import { checkMayLeave, checkMayRestrict } from '../domain/permissions.ts';
import { resolvePresent } from '../read/users.ts';
import {
  type Changer,
  changeConversation,
  type ConversationDeps,
  type Held,
  lockParticipants,
  moderateConversation,
} from './in-conversation.ts';

/** Removes a participant, or oneself. Throws `not_found`, `not_member`, `forbidden`. */
export async function removeParticipant(
  deps: ConversationDeps,
  changer: Changer,
  cid: string,
  ref: string,
): Promise<void> {
  const user = await resolvePresent(deps.sql, changer.tid, ref);
  if (user === changer.uid) return leaveConversation(deps, { tid: changer.tid, uid: user }, cid);
  const remove = async (held: Held) => {
    checkMayRestrict(held.kind, held.standing, await held.roleOf(user));
    return dismiss(held, user, 'removed');
  };
  return moderateConversation(deps, changer, cid, remove, { memberships: 1 });
}

/** The user leaves. An owner's place falls to the longest-standing admin, or else member. */
export function leaveConversation(
  deps: ConversationDeps,
  user: { readonly tid: string; readonly uid: string },
  cid: string,
): Promise<void> {
  const leave = async (held: Held) => {
    checkMayLeave(held.kind, held.standing);
    return dismiss(held, user.uid, 'left');
  };
  return changeConversation(deps, user, cid, leave, { memberships: 1 });
}

async function dismiss(held: Held, user: string, say: string) {
  const wasOwner = (await held.roleOf(user)) === 'owner';
  const owner = wasOwner ? await successorOf(held, user) : undefined;
  if (owner !== undefined) await lockParticipants(held, [user, owner]);
  await endMembership(held, user);
  if (owner !== undefined) await crown(held, owner);
  return {
    result: undefined,
    event: 'removed' as const,
    say,
    users: [user],
    tell: [[user]],
    ...(owner !== undefined && { details: { owner } }),
    access: true,
  };
}

/** The mute outlasts the membership: leaving and coming back must not lift it (PERM-2). */
async function endMembership({ tx, cid }: Held, user: string): Promise<void> {
  await tx`
    with ended as (
      delete from participants where conversation_id = ${cid} and user_id = ${user}
      returning conversation_id, user_id, tenant_id, muted_until
    )
    insert into kept_mutes (conversation_id, user_id, tenant_id, muted_until)
    select * from ended where muted_until > now()
    on conflict (conversation_id, user_id) do update set muted_until = excluded.muted_until`;
}

async function successorOf({ tx, cid }: Held, owner: string): Promise<string | undefined> {
  const [successor] = await tx<{ uid: string }[]>`
    select user_id as uid from participants where conversation_id = ${cid} and user_id <> ${owner}
    order by role = 'admin' desc, joined_at, user_id limit 1`;
  return successor?.uid;
}

async function crown({ tx, cid }: Held, successor: string): Promise<void> {
  await tx`update participants set role = 'owner' where conversation_id = ${cid} and user_id = ${successor}`;
}
