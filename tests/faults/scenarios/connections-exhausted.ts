import postgres from 'postgres';
import { PASSWORD } from '../cluster/cluster.ts';
import type { Scenario } from '../scenario.ts';

const MAX_CONNECTIONS = 48;
const ROUND_MS = 100;

export const connectionsExhausted: Scenario = {
  name: 'connections-exhausted',
  what: 'Somebody else takes every connection that PostgreSQL has, and chat-services lose theirs',
  cluster: { postgres: { max_connections: MAX_CONNECTIONS } },
  async fault({ cluster, pause, random, onHeal }) {
    // Connections reserved for superusers are what the operator comes in by.
    const operator = postgres(cluster.databaseUrl, { max: 1, fetch_types: false, onnotice: () => {} });
    const url = new URL(cluster.databaseUrl);
    Object.assign(url, { username: cluster.roleOf(0), password: PASSWORD });
    const taken: postgres.Sql[] = [];
    onHeal(async () => {
      await Promise.all([operator, ...taken].map((sql) => sql.end({ timeout: 1 })));
    });
    const rounds = 10 + Math.floor(random() * 20);
    for (let round = 0; round < rounds; round += 1) {
      await operator`
        select pg_terminate_backend(pid) from pg_stat_activity
        where usename like 'chat-service-%' and application_name <> 'greedy'`;
      const grabs = Array.from({ length: MAX_CONNECTIONS }, () =>
        postgres(url.href, {
          max: 1,
          fetch_types: false,
          onnotice: () => {},
          connection: { application_name: 'greedy' },
        }),
      );
      const got = await Promise.all(
        grabs.map((sql) =>
          sql`select 1`.then(
            () => true,
            () => false,
          ),
        ),
      );
      for (const [index, sql] of grabs.entries()) {
        if (got[index] === true) taken.push(sql);
        else void sql.end({ timeout: 0 });
      }
      await pause(ROUND_MS);
    }
  },
};
