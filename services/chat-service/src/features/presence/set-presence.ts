/** Raw SQL: what is left out of a change keeps its value in the same statement that makes the row. */
import { ChatError } from '@messagecore/protocol';
import type { OwnPresence, SetPresence } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import type { Actor } from '../../core/identity/caller.ts';
import { commitWithEvents, type PublishEvents } from '../../core/outbox/emit.ts';
import { userFrame } from '../../core/outbox/events.ts';
import type { Signals } from '../../core/outbox/signals.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { presenceChoices } from './tables.ts';

export interface SetPresenceDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  readonly signals: Pick<Signals, 'presence'>;
}

/** Of who has chosen nothing. */
const NOTHING: OwnPresence = { choice: 'online', showsLastSeen: true };

const { userId, tenantId, choice, showsLastSeen } = presenceChoices;

export async function getOwnPresence(sql: Sql, { tid, uid }: Actor): Promise<OwnPresence> {
  const isOwn = and(eq(userId, uid), eq(tenantId, tid));
  const [own] = await db(sql).select({ choice, showsLastSeen }).from(presenceChoices).where(isOwn);
  return own ?? NOTHING;
}

/** Tells the user's other sessions, and from then on others what was chosen. Throws `not_found` for who was erased meanwhile. */
export async function setPresence(
  { sql, publishEvents, signals }: SetPresenceDeps,
  user: Actor & { readonly sid?: string | undefined },
  { choice: chosen = null, showsLastSeen: shows = null }: { [K in keyof SetPresence]?: SetPresence[K] | null },
): Promise<OwnPresence> {
  const { tid, uid } = user;
  const own = await commitWithEvents(sql, publishEvents, async (tx, emit) => {
    const [stored] = await tx<OwnPresence[]>`
      insert into presence_choices as c (user_id, tenant_id, choice, shows_last_seen, invisible_since)
      select u.id, u.tenant_id, coalesce(${chosen}, ${NOTHING.choice}), coalesce(${shows}::boolean, ${NOTHING.showsLastSeen}),
        case when ${chosen}::text = 'invisible' then now() end
      from users u where u.id = ${uid} and u.tenant_id = ${tid} and u.status = 'active'
      for share of u
      on conflict (user_id) do update
      set choice = coalesce(${chosen}, c.choice), shows_last_seen = coalesce(${shows}::boolean, c.shows_last_seen),
        invisible_since = case
          when coalesce(${chosen}, c.choice) = 'invisible' then coalesce(c.invisible_since, now())
        end
      returning choice, shows_last_seen as "showsLastSeen"`;
    if (stored === undefined) throw new ChatError('not_found', 'no such user');
    await emit(userFrame(user, { t: 'event', event: 'presence.own', data: stored }));
    return stored;
  });
  signals.presence(tid, [uid]);
  return own;
}
