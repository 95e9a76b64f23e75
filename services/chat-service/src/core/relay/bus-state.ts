/** The stream as the instances know it. Raw SQL: settings and writes in one statement, by the clock of PostgreSQL. */
import type { StreamState } from '@messagecore/bus';
import { STREAM } from '@messagecore/protocol/bus';
import type { Sql } from '../../platform/database/connect.ts';

/** The stream as some instance last saw it. */
export interface KnownStream extends StreamState {
  /** Milliseconds ago. */
  readonly ageMs: number;
}

export async function knownStream(sql: Sql): Promise<KnownStream | undefined> {
  const [known] = await sql<KnownStream[]>`
    select created_at as "createdAt", last_seq as "lastSeq",
      greatest(extract(epoch from clock_timestamp() - seen_at) * 1000, 0)::float8 as "ageMs"
    from bus_state where stream = ${STREAM}`;
  return known;
}

/** Notes how far the same stream has got. Instances may note in any order: the furthest counts. */
export async function noteProgress(sql: Sql, { createdAt, lastSeq }: StreamState): Promise<void> {
  await sql`
    update bus_state set last_seq = greatest(last_seq, ${lastSeq}), seen_at = now()
    where stream = ${STREAM} and created_at = ${createdAt}`;
}

/** From now on this is the stream. */
export async function noteStream(sql: Sql, { createdAt, lastSeq }: StreamState): Promise<void> {
  await sql`
    insert into bus_state (stream, created_at, last_seq, seen_at) values (${STREAM}, ${createdAt}, ${lastSeq}, now())
    on conflict (stream) do update set created_at = ${createdAt}, last_seq = ${lastSeq}, seen_at = now()`;
}
