/**
 * Rows of `outbox_events` as those who publish them need them. They are written by core/outbox/emit.ts.
 *
 * Raw SQL: settings and writes in one statement.
 */
import { elementsOf, plainArray } from '../../platform/database/array-literals.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { StoredEvent } from './send-event.ts';

/** As `forget` of outbox.ts: a row that comes back is published once more, which receivers do not mind. */
export async function forgetEvents(sql: Sql, ids: readonly number[]): Promise<void> {
  await sql`
    with setting as materialized (select set_config('synchronous_commit', 'off', true))
    delete from outbox_events using setting where id = any(${plainArray(ids)}::bigint[])`;
}

/** Says that the writer of these rows publishes them no more: they are the relay's at once. */
export async function giveUpEvents(sql: Sql, ids: readonly number[]): Promise<void> {
  await sql`
    with setting as materialized (select set_config('synchronous_commit', 'off', true))
    update outbox_events set writer_pid = null from setting where id = any(${plainArray(ids)}::bigint[])`;
}

export interface EventPage {
  /** Older rows are nobody's any more, whoever wrote them. */
  readonly ageMs: number;
  /** The same for rows whose writer's session is gone. */
  readonly orphanAgeMs: number;
  readonly rows: number;
}

interface FoundEvent extends Omit<StoredEvent, 'users'> {
  readonly users: string | null;
}

/** Rows that are looked at for each page. */
const LOOKED_AT = 1_000;

/** The oldest events, in order, that no writer may still publish, and that do not follow one that a writer may. */
export async function oldestEvents(sql: Sql, { ageMs, orphanAgeMs, rows }: EventPage): Promise<StoredEvent[]> {
  const found = await sql<FoundEvent[]>`
    with oldest as materialized (
      select id, topic, about,
        writer_pid is null or created_at < now() - ${ageMs} * interval '1 millisecond'
        or created_at < now() - ${orphanAgeMs} * interval '1 millisecond'
          and writer_pid <> all (array(select pid from pg_stat_activity)) as is_left
      from outbox_events order by id limit ${LOOKED_AT}
    ), judged as (
      select id, bool_and(is_left) over (partition by topic, about order by id) as is_free from oldest
    )
    select e.id, e.topic, e.tenant_id as tid, e.about, e.users::text as users, e.payload
    from judged join outbox_events e on e.id = judged.id
    where is_free order by e.id limit ${rows}`;
  return found.map(({ users, ...event }) => ({ ...event, ...(users !== null && { users: elementsOf(users) }) }));
}

/** How many events wait to be published. */
export async function pendingEvents(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select (select count(*) from outbox_events) + (select count(*) from outbox_participants) as count`;
  return row?.count ?? 0;
}
