/** Mutes as SQL: `participants.muted_until`, `infinity` for a mute without end. Raw SQL: parts of raw statements. */
import type { Fragment, Sql } from '../../platform/database/connect.ts';

/** Whether the participant `p` is muted now; null when there is no mute. */
export const isMuted = (sql: Sql): Fragment => sql`p.muted_until > now()`;

/** The end of the mute of the participant `p` in milliseconds: the largest date for a mute without end. */
export const mutedUntilMs = (sql: Sql): Fragment =>
  sql`least((extract(epoch from p.muted_until) * 1000)::float8, 8.64e15)`;
