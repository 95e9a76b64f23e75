import { ChatError, type Role, type UpdateParticipant } from '@messagecore/protocol';
import { checkMayGiveRole, checkMayRestrict } from '../domain/permissions.ts';
import { resolvePresent, resolveUser } from '../read/users.ts';
import {
  type Changer,
  moderateConversation,
  type ConversationDeps,
  type Held,
  lockParticipants,
} from './in-conversation.ts';

/**
 * Gives a role or mutes, in this order, each with its own event. Returns the participant's id. Throws `not_found`,
 * `not_member`, `forbidden`.
 */
export async function updateParticipant(
  deps: ConversationDeps,
  changer: Changer,
  cid: string,
  ref: string,
  { role, mutedUntil }: UpdateParticipant,
): Promise<string> {
  const resolve = role === undefined ? resolvePresent : resolveUser;
  const user = await resolve(deps.sql, changer.tid, ref);
  if (role !== undefined) await moderateConversation(deps, changer, cid, (held) => giveRole(held, changer, user, role));
  if (mutedUntil !== undefined) await moderateConversation(deps, changer, cid, (held) => mute(held, user, mutedUntil));
  return user;
}

async function giveRole(held: Held, changer: Changer, user: string, role: Role) {
  const { tx, cid, kind, standing } = held;
  const present = await held.roleOf(user);
  checkMayGiveRole(kind, standing, present, role);
  if (present === role) return { result: undefined };
  if (role === 'owner') await abdicate(held, user);
  await tx`update participants set role = ${role} where conversation_id = ${cid} and user_id = ${user}`;
  const users = [user];
  const tell = role === 'owner' && changer.uid !== undefined ? [user, changer.uid] : users;
  return {
    result: undefined,
    event: 'role' as const,
    say: 'role',
    users,
    tell: [tell],
    details: { role },
    access: true,
  };
}

/** The owner, if there is one, becomes an admin. */
async function abdicate(held: Held, successor: string): Promise<void> {
  const { tx, cid } = held;
  const owners = await tx<{ uid: string }[]>`
    select user_id as uid from participants where conversation_id = ${cid} and role = 'owner'`;
  await lockParticipants(held, [successor, ...owners.map(({ uid }) => uid)]);
  await tx`update participants set role = 'admin' where conversation_id = ${cid} and role = 'owner'`;
}

async function mute(held: Held, user: string, mutedUntil: number | null) {
  const { tx, cid, kind, standing } = held;
  checkMayRestrict(kind, standing, await held.roleOf(user));
  const [changed] = await tx`
    update participants set muted_until = to_timestamp(${mutedUntil}::float8 / 1000)
    where conversation_id = ${cid} and user_id = ${user} returning user_id`;
  if (changed === undefined) throw new ChatError('not_found', 'no such participant');
  const say = mutedUntil === null ? 'unmuted' : 'muted';
  return { result: undefined, event: 'muted' as const, say, users: [user], tell: [[user]], mutedUntil, access: true };
}
