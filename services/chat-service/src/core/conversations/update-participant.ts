import { ChatError } from '@messagecore/protocol';
import { type Role, type UpdateParticipant } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import { checkMay, type Situation } from '../permissions/permissions.ts';
import { resolveAnyUser, resolveActiveUser } from '../users/user-queries.ts';
import { db } from '../../platform/database/db.ts';
import { momentOf } from '../../platform/database/expressions.ts';
import {
  type Change,
  type Changer,
  changeConversation,
  type ConversationDeps,
  type LockedConversation,
  lockParticipants,
} from './conversation-transaction.ts';
import { roleGiven } from './audited-deeds.ts';
import { isParticipant } from './participant-queries.ts';
import { participants } from './tables.ts';
import { judgeOutsider, usersNamed } from './users-named.ts';

/**
 * Gives a role and mutes, in this order, each with its own event; the permission to mute is checked after the role was
 * given; when it is refused, both are rolled back. Returns the participant's id. Throws `not_found`, `not_member`,
 * `forbidden`.
 */
export async function updateParticipant(
  deps: ConversationDeps,
  changer: Changer,
  cid: string,
  ref: string,
  { role, mutedUntil, muteReason }: UpdateParticipant,
): Promise<string> {
  const resolve = role === undefined ? resolveAnyUser : resolveActiveUser;
  const { sql } = deps;
  const action = role === undefined ? 'mute' : 'giveRole';
  const user = await usersNamed(resolve(sql, changer, ref), { sql, caller: changer, cid, action });
  return changeConversation(deps, changer, cid, async (held) => {
    const given = role === undefined ? undefined : await giveRole(held, changer, user, role);
    const situation = await situationAfter(held, changer, given);
    const muted =
      mutedUntil === undefined ? undefined : await mute({ ...held, situation }, user, mutedUntil, muteReason ?? null);
    return { result: user, changes: [given, muted].filter((change) => change !== undefined) };
  });
}

/** What the changer is after the role was given: who hands ownership over becomes an admin. */
async function situationAfter(
  held: LockedConversation,
  { uid }: Changer,
  given: Change<void> | undefined,
): Promise<Situation> {
  const { situation } = held;
  return uid === undefined || given === undefined ? situation : { ...situation, ...(await held.personOf(uid)) };
}

async function giveRole(
  held: LockedConversation,
  changer: Changer,
  user: string,
  role: Role,
): Promise<Change<void> | undefined> {
  const { tx, cid, situation } = held;
  judgeOutsider('giveRole', situation);
  const { role: current } = await held.participantOf(user);
  checkMay('giveRole', situation);
  if (current === 'owner' && role !== 'owner') throw new ChatError('forbidden', 'make somebody else the owner instead');
  if (current === role) return undefined;
  const demoted = role === 'owner' ? await demoteOwner(held, user) : [];
  await db(tx).update(participants).set({ role }).where(isParticipant(cid, user));
  const users = [user];
  const notify = role === 'owner' && changer.uid !== undefined ? [user, changer.uid] : users;
  const audit = [...demoted.map((owner) => roleGiven(owner, 'owner', 'admin')), roleGiven(user, current, role)];
  return { result: undefined, event: 'role', sysEvent: 'role', users, notify, details: { role }, access: true, audit };
}

/** The owner, if there is one, becomes an admin. Returns who it was. */
async function demoteOwner(held: LockedConversation, successor: string): Promise<readonly string[]> {
  const { tx, cid } = held;
  const isOwner = and(eq(participants.conversationId, cid), eq(participants.role, 'owner'));
  const owners = await db(tx).select({ uid: participants.userId }).from(participants).where(isOwner);
  const demoted = owners.map(({ uid }) => uid);
  await lockParticipants(held, [successor, ...demoted]);
  await db(tx).update(participants).set({ role: 'admin' }).where(isOwner);
  return demoted;
}

async function mute(
  held: LockedConversation,
  user: string,
  mutedUntil: number | null,
  muteReason: string | null,
): Promise<Change<void>> {
  const { tx, cid, situation } = held;
  judgeOutsider('mute', situation);
  const target = await held.participantOf(user);
  checkMay('mute', situation, target);
  await db(tx)
    .update(participants)
    .set({ mutedUntil: momentOf(mutedUntil), muteReason })
    .where(isParticipant(cid, user));
  const sysEvent = mutedUntil === null ? 'unmuted' : 'muted';
  const audit = {
    action: mutedUntil === null ? 'unmute' : 'mute',
    target: `user:${user}`,
    before: { muted: target.muted },
    after: { mutedUntil, reason: muteReason },
  };
  return {
    result: undefined,
    event: 'muted',
    sysEvent,
    users: [user],
    notify: [user],
    mutedUntil,
    access: true,
    audit: [audit],
  };
}
