/** Raw SQL: many rows in one statement. */
import type { CreateInvitations, InvitationsCreated } from '@messagecore/protocol/features';
import { refuseBanned } from '../../core/conversations/add-participants.ts';
import { usersNamed } from '../../core/conversations/users-named.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { usersEvents } from '../../core/outbox/events.ts';
import { checkMayInvite } from '../../core/users/blocks.ts';
import { resolveUsers } from '../../core/users/user-queries.ts';
import { BOUNDS, checkBound, holdBounds } from './bounds.ts';
import { changeOpen } from './change-open.ts';
import type { InvitationsDeps } from './deps.ts';
import { requireInviter } from './rights.ts';
import { invitations } from './tables.ts';

/**
 * Invites users, all or none. Those who take part stay as they are; who is invited already gets the newer invitation. Throws
 * `not_found`, `not_member`, `forbidden` (also for a banned user), `blocked`,
 * `too_large`.
 */
export async function inviteUsers(
  deps: InvitationsDeps,
  caller: Reader,
  cid: string,
  { users: refs, message, ttlSeconds }: CreateInvitations,
): Promise<InvitationsCreated> {
  const { tid, uid: by = null } = caller;
  const { sql } = deps;
  const users = await usersNamed(resolveUsers(sql, caller, refs), { sql, caller, cid, action: 'add' });
  return changeOpen(deps, { tid, uid: caller.uid }, cid, async (tx, emit) => {
    await requireInviter(tx, caller, cid);
    await checkMayInvite(tx, by ?? undefined, users);
    await refuseBanned(tx, cid, users);
    await holdBounds(tx, cid, users);
    const rows = await tx<{ uid: string }[]>`
      insert into invitations (conversation_id, user_id, tenant_id, invited_by, message, expires_at)
      select ${cid}::uuid, invited, ${tid}::uuid, ${by}::uuid, ${message ?? null}::text, now() + ${ttlSeconds} * interval '1 second'
      from unnest(${[...users]}::uuid[]) as invited
      where not exists (select from participants p where p.conversation_id = ${cid} and p.user_id = invited)
      on conflict (conversation_id, user_id) do update set
        invited_by = excluded.invited_by, message = excluded.message, created_at = now(), expires_at = excluded.expires_at
      returning user_id as uid`;
    const invited = rows.map(({ uid }) => uid);
    await checkBound(tx, { table: invitations, by: invitations.userId, of: invited, ...BOUNDS.invitationsOfUser });
    await checkBound(tx, { table: invitations, by: invitations.conversationId, of: [cid], ...BOUNDS.invitationsTo });
    await emit(...usersEvents({ tid, cid }, invited, { v: 1, event: 'conv', cid, conv: 'invited' }));
    return { invited };
  });
}
