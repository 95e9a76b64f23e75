/**
 * Sessions of tenants, as gateways report them: all of them every ten seconds, more often while a gateway drains, and 0 when
 * it stops. An older report is of a gateway that has crashed, whose clients are counted where they have come back: it
 * counts no more. That of a gateway which is late does not count either until it comes, so nobody is refused, or billed, too early.
 *
 * Raw SQL: many rows in one statement, which also says how they add up.
 */
import type { Clock } from '@messagecore/kernel';
import { CONNECTIONS_EVERY_MS, type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { monthAt } from './months.ts';
import { readMonths } from './read-months.ts';

/** How long a report counts: from one to the next, which is a little more than the time between them. */
const COUNTS_FOR_MS = 1.2 * CONNECTIONS_EVERY_MS;

type ConnectionsReport = RpcItem<'connections'>;

/** Notes reports, and answers each with how many sessions its tenant has at all gateways and may have. */
export async function answerConnections(
  sql: Sql,
  reports: readonly ConnectionsReport[],
  clock: Pick<Clock, 'now'>,
): Promise<readonly RpcResult<'connections'>[]> {
  const totals = await noteConnections(sql, reports);
  const tenants = await readMonths(sql, [...new Set(reports.map(({ tid }) => tid))], monthAt(clock.now()));
  const limits = new Map(tenants.map(({ tid, limits: { connections } }) => [tid, connections]));
  return reports.map(({ tid }, n) => ({ total: totals[n] ?? 0, limit: limits.get(tid) ?? null }));
}

/** Stores reports and how many sessions each tenant has at most on this day. Answers the sum of each, in order. */
async function noteConnections(sql: Sql, reports: readonly ConnectionsReport[]): Promise<readonly number[]> {
  return sql.begin(async (tx) => {
    await tx`
      insert into usage_connections (tenant_id, gateway, connections, seen_at)
      select tid, gateway, max(connections), clock_timestamp()
      from unnest(
        ${reports.map(({ tid }) => tid)}::uuid[], ${reports.map(({ gateway }) => gateway)}::text[],
        ${reports.map(({ connections }) => connections)}::bigint[]
      ) as report (tid, gateway, connections)
      where exists (select from tenants t where t.id = tid)
      group by tid, gateway order by tid, gateway
      on conflict (tenant_id, gateway) do update set connections = excluded.connections, seen_at = excluded.seen_at`;
    const tids = [...new Set(reports.map(({ tid }) => tid))];
    const sums = await readConnections(tx, tids);
    await tx`
      insert into usage_daily (tenant_id, day, messages, peak_connections)
      select tid, (now() at time zone 'UTC')::date, 0, connections
      from unnest(${[...sums.keys()]}::uuid[], ${[...sums.values()]}::bigint[]) as sum (tid, connections)
      order by tid
      on conflict (tenant_id, day) do update set peak_connections = excluded.peak_connections
      where usage_daily.peak_connections < excluded.peak_connections`;
    return reports.map(({ tid }) => sums.get(tid) ?? 0);
  });
}

/** Sessions of each tenant that has any. */
export async function readConnections(
  sql: Sql | Transaction,
  tids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ tid: string; connections: number }[]>`
    select tenant_id as tid, sum(connections)::float8 as connections from usage_connections
    where tenant_id = any(${[...tids]}::uuid[]) and seen_at > clock_timestamp() - ${COUNTS_FOR_MS} * interval '1 millisecond'
    group by tenant_id having sum(connections) > 0`;
  return new Map(rows.map(({ tid, connections }) => [tid, connections]));
}
