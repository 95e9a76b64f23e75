/** What the feature usage has counted, compared with a count of the tables. */
import { call } from '@messagecore/testkit';
import type postgres from 'postgres';
import type { Cluster } from './cluster/cluster.ts';
import { untilNone, withDatabase } from './database.ts';
import type { Trouble } from './scenario.ts';

const COUNTED_WITHIN_MS = 60_000;

/**
 * Has all that is stored been counted within so many milliseconds of the rest, each message once? Rule `uncounted`; `behind` when a
 * consumer does not catch up.
 */
export function checkUsage(
  { cluster, onRest, complain }: Pick<Trouble, 'cluster' | 'onRest' | 'complain'>,
  withinMs = COUNTED_WITHIN_MS,
): void {
  onRest(() =>
    withDatabase(cluster.databaseUrl, async (sql) => {
      const wrong = await untilNone(() => differences(sql), withinMs);
      for (const detail of wrong) complain('uncounted', detail);
      const behind = await untilNone(() => laggards(cluster), COUNTED_WITHIN_MS);
      for (const detail of behind) complain('behind', detail);
    }),
  );
}

/** Rule `missed`: that events were missed from now on is noticed, and made up for to the end. */
export async function checkReconciled(trouble: Pick<Trouble, 'cluster' | 'onRest' | 'complain'>): Promise<void> {
  const { cluster, onRest, complain } = trouble;
  const before = await withDatabase(cluster.databaseUrl, reconciliations);
  onRest(() =>
    withDatabase(cluster.databaseUrl, async (sql) => {
      const wrong = await untilNone(async () => {
        const fresh = (await reconciliations(sql)).slice(before.length);
        if (fresh.length === 0) return ['nobody noticed that events were missed'];
        return fresh.filter((status) => status !== 'done').map((status) => `the reconciliation is ${status}`);
      }, COUNTED_WITHIN_MS);
      for (const detail of wrong) complain('missed', detail);
    }),
  );
}

/** States of all so far, oldest first. */
async function reconciliations(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ status: string }[]>`
    select status from sagas where kind = 'reconcile usage' order by created_at`;
  return rows.map(({ status }) => status);
}

/** Tenants whose count is not what is stored; without those of deleted conversations, of which the count stays and the messages go. */
export async function differences(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ tenant: string; day: string; stored: number; counted: number }[]>`
    with stored as (
      select tenant_id, (created_at at time zone 'UTC')::date as day, count(*) as messages
      from messages where kind <> 'sys' group by 1, 2
    )
    select tenant_id as tenant, day::text, coalesce(s.messages, 0)::int as stored, coalesce(u.messages, 0)::int as counted
    from stored s full join usage_daily u using (tenant_id, day)
    where coalesce(s.messages, 0) <> coalesce(u.messages, 0)
    and tenant_id not in (select tenant_id from conversations where deleted_at is not null)`;
  return rows.map(
    ({ tenant, day, stored, counted }) => `tenant ${tenant}, ${day}: ${stored} stored, ${counted} counted`,
  );
}

interface ConsumerView {
  readonly name: string;
  readonly lag: number | null;
  readonly deadLetters: number;
}

async function laggards({ apis, adminKey }: Cluster): Promise<string[]> {
  const url = `${apis[0]}/admin/v1/consumers`;
  const { body } = await call<{ items?: ConsumerView[] }>('GET', url, { headers: { 'x-admin-key': adminKey } });
  const consumers = body.items ?? [];
  if (consumers.length === 0) return ['no consumer is known'];
  return consumers
    .filter(({ lag, deadLetters }) => lag !== 0 || deadLetters > 0)
    .map(({ name, lag, deadLetters }) => `${name}: ${lag} events behind, ${deadLetters} dead letters`);
}
