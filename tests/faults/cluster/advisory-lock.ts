import postgres from 'postgres';
import type { Cluster } from './cluster.ts';
import type { Part } from './part.ts';

/** The relay's lock, `services/chat-service/src/relay/relay.ts`. */
const RELAY_LOCK = 3_318_220_551n;
const LOOKS = 400;

/** The chat-service that is seen holding the relay's lock; undefined when none is for a while. */
export async function relayAtWork({ databaseUrl, chatServices, roleOf }: Cluster): Promise<Part | undefined> {
  const sql = postgres(databaseUrl, { max: 1, fetch_types: false, onnotice: () => {} });
  try {
    for (let look = 0; look < LOOKS; look += 1) {
      const [holder] = await sql<{ role: string }[]>`
        select usename as role from pg_locks join pg_stat_activity using (pid)
        where locktype = 'advisory' and granted and objid = ${Number(RELAY_LOCK & 0xffff_ffffn)}`;
      if (holder !== undefined) return chatServices.find((_, index) => roleOf(index) === holder.role);
    }
    return undefined;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
