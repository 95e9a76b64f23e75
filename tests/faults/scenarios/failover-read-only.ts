import postgres from 'postgres';
import type { Scenario } from '../scenario.ts';

/** Until then health knows. */
const KNOWN_WITHIN_MS = 3_000;
const LOOK_MS = 100;

export const failoverReadOnly: Scenario = {
  name: 'failover-read-only',
  what: 'A failover: every connection to PostgreSQL ends, and sessions that begin in the next seconds take no writes',
  async fault({ cluster, pause, onHeal, complain }) {
    const { databaseUrl, apis } = cluster;
    const name = new URL(databaseUrl).pathname.slice(1);
    const operator = postgres(databaseUrl, { max: 1, fetch_types: false, onnotice: () => {} });
    onHeal(async () => {
      await operator.unsafe('set default_transaction_read_only = off');
      await operator.unsafe(`alter database "${name}" reset default_transaction_read_only`);
      await operator.end({ timeout: 1 });
    });
    await operator.unsafe(`alter database "${name}" set default_transaction_read_only = on`);
    await operator`
      select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name} and pid <> pg_backend_pid()`;
    const deadline = performance.now() + KNOWN_WITHIN_MS;
    const unknowing = new Set(apis);
    while (unknowing.size > 0 && performance.now() < deadline) {
      for (const api of unknowing) if ((await statusOf(`${api}/health`)) === 503) unknowing.delete(api);
      await pause(LOOK_MS);
    }
    for (const api of unknowing) complain('health', `${api}/health does not say that nothing can be written`);
    await pause(500, 3_000);
  },
};

async function statusOf(url: string): Promise<number> {
  return fetch(url).then(
    ({ status }) => status,
    () => 0,
  );
}
