import postgres from 'postgres';
import type { Cluster } from './cluster.ts';
import type { Part } from './part.ts';

const LOOKS = 400;

/** The chat-service that is seen holding the relay's lease; undefined when none is for a while. */
export async function relayAtWork({ databaseUrl, chatServices, roleOf }: Cluster): Promise<Part | undefined> {
  const sql = postgres(databaseUrl, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    for (let look = 0; look < LOOKS; look += 1) {
      const [holder] = await sql<{ role: string }[]>`
        select usename as role from leases join pg_stat_activity on pid = holder_pid
        where name = 'relay' and held_until > clock_timestamp()`;
      if (holder !== undefined) return chatServices.find((_, index) => roleOf(index) === holder.role);
    }
    return undefined;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
