import type { Sql } from '@messagecore/chat-service/operator';
import { factsOf, NAME, type Servers } from './servers.ts';

/**
 * How far a move is. `none`: nothing is prepared. `copying`: tables are copied for the first time. `following`: the new
 * server has all but what is under way. `stopped`: neither server takes writes, as in the pause of a switch and after one that
 * was killed there. `switched`: the new server takes the writes.
 */
export type Phase = 'none' | 'copying' | 'following' | 'stopped' | 'switched';

export interface MoveState {
  readonly phase: Phase;
  readonly tables: number;
  /** Copied, and followed since. */
  readonly ready: number;
  /** What the old server has written and the new one has not confirmed; null while nothing is followed. */
  readonly lagBytes: number | null;
  /** Since the subscription was made: each is tried again, and its reason is in the new server's log. */
  readonly errors: number;
  /** Whether the old server gets what is written after the switch. */
  readonly wayBack: boolean;
}

export async function stateOf({ from, to }: Servers): Promise<MoveState> {
  const [old, now] = await Promise.all([factsOf(from), factsOf(to)]);
  const followed = await followedTables(to);
  const wayBack = now.publishes && old.subscribes;
  const base = { ...followed, wayBack, lagBytes: await lagOf(from) };
  if (!old.takesWrites && now.takesWrites) return { phase: 'switched', ...base };
  if (!old.takesWrites && !now.takesWrites) return { phase: 'stopped', ...base };
  if (!now.subscribes) return { phase: 'none', ...base };
  return { phase: isFollowed(base) ? 'following' : 'copying', ...base };
}

/** Whether every table is copied, and what is written since arrives. */
export const isFollowed = ({ tables, ready, lagBytes }: Pick<MoveState, 'tables' | 'ready' | 'lagBytes'>): boolean =>
  tables > 0 && ready === tables && lagBytes !== null;

async function followedTables(to: Sql): Promise<{ tables: number; ready: number; errors: number }> {
  const [row] = await to<{ tables: number; ready: number; errors: number }[]>`
    select count(r.srrelid)::int as tables, (count(*) filter (where r.srsubstate = 'r'))::int as ready,
      coalesce(max(t.apply_error_count + t.sync_error_count), 0)::int as errors
    from pg_subscription s join pg_database d on d.oid = s.subdbid and d.datname = current_database()
      left join pg_subscription_rel r on r.srsubid = s.oid
      left join pg_stat_subscription_stats t on t.subid = s.oid
    where s.subname = ${NAME}`;
  return row ?? { tables: 0, ready: 0, errors: 0 };
}

async function lagOf(from: Sql): Promise<number | null> {
  const [row] = await from<{ lag: number }[]>`
    select pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint as lag
    from pg_replication_slots where slot_name = ${NAME} and database = current_database()`;
  return row?.lag ?? null;
}
