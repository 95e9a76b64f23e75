import postgres from 'postgres';
import type { Scenario } from '../scenario.ts';

/** What a transaction may idle before PostgreSQL ends it (session-settings.ts), and room for a busy machine. */
const RELEASED_WITHIN_MS = 8_000;
const HANGS_AFTER_MS = 500;
const LOOK_MS = 50;
const ATTEMPTS = 300;

export const poolerHang: Scenario = {
  name: 'pooler-hang',
  what: 'Behind PgBouncer a chat-service hangs in the middle of a transaction that holds the row of a conversation',
  cluster: { wired: true, pooled: true },
  restWithinMs: 40_000,
  async fault({ cluster, pause, pick, limit, note, complain, onHeal }) {
    const sql = postgres(cluster.databaseUrl, { max: 1, fetch_types: false, onnotice: () => {} });
    onHeal(() => sql.end({ timeout: 1 }));
    const wires = cluster.links.of('chat-service-postgres', pick([0, 1]));
    const idle = async (ms: number) => {
      const rows = await sql<{ transaction: string }[]>`
        select pid || ' ' || xact_start as transaction from pg_stat_activity
        where state = 'idle in transaction' and backend_xid is not null
          and state_change < clock_timestamp() - ${ms} * interval '1 millisecond'`;
      return rows.map(({ transaction }) => transaction);
    };
    let hanging: string[] = [];
    for (let attempt = 0; attempt < ATTEMPTS && hanging.length === 0; attempt += 1) {
      wires.set({});
      await pause(5, 40);
      wires.set({ held: true });
      await pause(LOOK_MS);
      if ((await idle(0)).length === 0) continue;
      // A transaction of the other chat-service does not idle for so long.
      await pause(HANGS_AFTER_MS);
      hanging = await idle(HANGS_AFTER_MS);
    }
    if (hanging.length === 0) return note('no transaction was caught in the middle');
    const holds = async () => {
      const open = await sql`
        select from pg_stat_activity where pid || ' ' || xact_start in ${sql(hanging)}`;
      return open.length > 0;
    };
    const withinMs = limit(RELEASED_WITHIN_MS);
    const deadline = performance.now() + withinMs;
    while (performance.now() < deadline && (await holds())) await pause(LOOK_MS);
    if (await holds()) complain('held', `a transaction of a process that hangs holds its rows for ${withinMs} ms`);
  },
};
