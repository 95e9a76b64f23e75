import { ChatError } from '@messagecore/protocol';
import { type AddParticipants, type ParticipantsAdded, type Role } from '@messagecore/protocol/features';
import type { Transaction } from '../../platform/database/connect.ts';
import { checkMay } from '../permissions/permissions.ts';
import type { OutboxEvent } from '../outbox/events.ts';
import { checkMayInvite } from '../users/blocks.ts';
import { resolveUsers } from '../users/user-queries.ts';
import type { Actor } from '../identity/caller.ts';
import { roleGiven } from './audited-deeds.ts';
import {
  type Changer,
  changeConversation,
  type ConversationDeps,
  type LockedConversation,
} from './conversation-transaction.ts';
import { usersNamed } from './users-named.ts';

/** Adds users; those who take part already stay as they are. Throws `not_found`, `not_member`, `forbidden`, `blocked`. */
export async function addParticipants(
  deps: ConversationDeps,
  changer: Changer,
  cid: string,
  { users: refs, role }: AddParticipants,
): Promise<ParticipantsAdded> {
  const { sql } = deps;
  const users = await usersNamed(resolveUsers(sql, changer, refs), { sql, caller: changer, cid, action: 'add' });
  const add = async (held: LockedConversation) => {
    checkMay('add', held.situation);
    if (role !== 'member') checkMay('addAdmins', held.situation);
    await checkMayInvite(held.tx, changer.uid, users);
    const change = await insertParticipants(deps, held, { users, role, sysEvent: 'added' });
    const audit = change.result.added.map((uid) => roleGiven(uid, null, role));
    return 'event' in change && role !== 'member' ? { ...change, audit } : change;
  };
  return changeConversation(deps, changer, cid, add);
}

/** The user joins a public channel. Joining again changes nothing. Throws `not_found`, `not_member`, `forbidden`. */
export function joinConversation(
  deps: ConversationDeps,
  user: Changer & Actor,
  cid: string,
): Promise<ParticipantsAdded> {
  const join = async (held: LockedConversation) => {
    if (held.situation.role === null) checkMay('join', held.situation);
    return insertParticipants(deps, held, { users: [user.uid], role: 'member', sysEvent: 'joined' });
  };
  return changeConversation(deps, user, cid, join);
}

interface Newcomers {
  readonly users: readonly string[];
  readonly role: Role;
  /** What the `sys` message calls it. */
  readonly sysEvent: 'added' | 'joined';
}

/**
 * A newcomer's read position is the head, so older messages are not unread; whether they are visible is a setting
 * (HIST-1). A mute of an earlier membership is restored (PERM-2).
 */
export async function insertParticipants(
  { onAdded }: Pick<ConversationDeps, 'onAdded'>,
  held: LockedConversation,
  { users, role, sysEvent }: Newcomers,
) {
  const { tx, cid, tid, head, access, sinceJoining } = held;
  await refuseBanned(tx, cid, users);
  const from = sinceJoining ? head + 1 : 1;
  // Raw SQL: many rows with what was kept of them, in one statement.
  const rows = await tx<{ uid: string }[]>`
    with kept as (
      delete from kept_mutes where conversation_id = ${cid} and user_id = any(${users}::uuid[])
      returning user_id, muted_until, mute_reason
    )
    insert into participants (
      conversation_id, user_id, tenant_id, role, last_read_seq, muted_until, mute_reason, history_from
    )
    select ${cid}::uuid, newcomer, ${tid}::uuid, ${role}, ${head}::bigint, kept.muted_until, kept.mute_reason, ${from}::bigint
    from unnest(${users}::uuid[]) as newcomer left join kept on kept.user_id = newcomer
    on conflict do nothing
    returning user_id as uid`;
  const added = rows.map(({ uid }) => uid);
  const also: OutboxEvent[] = [];
  for (const settle of onAdded) also.push(...(await settle(tx, { tid, cid }, users)));
  if (added.length === 0) return { result: { added, access }, also };
  return {
    result: { added, access: access + 1 },
    event: 'added' as const,
    sysEvent,
    users: added,
    notify: added,
    details: role === 'member' ? {} : { role },
    access: true,
    also,
  };
}

/** Throws `forbidden` when one of the users may not come back. */
export async function refuseBanned(tx: Transaction, cid: string, users: readonly string[]): Promise<void> {
  const banned = await tx`
    select from conversation_bans
    where conversation_id = ${cid} and user_id = any(${users}::uuid[]) and (until is null or until > now())`;
  if (banned.length > 0) throw new ChatError('forbidden', 'banned from this conversation');
}
