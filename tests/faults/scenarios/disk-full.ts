import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { smallDisk } from '../cluster/small-disk.ts';
import { unableToIsolate } from '../isolate.ts';
import type { Scenario } from '../scenario.ts';

const FORCED_MS = 2_000;

export const diskFull: Scenario = {
  name: 'disk-full',
  what: "PostgreSQL's disk is full to the last byte for some seconds; PostgreSQL refuses, and may stop",
  isolated: true,
  unable: unableToIsolate,
  cluster: {
    prepareDisk: smallDisk('320m'),
    postgres: { max_wal_size: '64MB', min_wal_size: '32MB', shared_buffers: '64MB' },
  },
  async fault({ cluster, pause, random, onHeal }) {
    const filler = join(cluster.postgresFolder, 'filler');
    onHeal(() => rm(filler, { force: true }));
    // Without room for its log PostgreSQL ends itself, and that is what it should do.
    cluster.postgres.mayDie();
    const { bavail, bsize } = await statfs(cluster.postgresFolder);
    await writeFile(filler, new Uint8Array(bavail * bsize)).catch(() => {});
    if (random() < 0.5) await forceNewLogSegment(cluster.databaseUrl);
    await pause(1_500, 4_000);
  },
};

/** Needs room at once, which a busier server would need sooner or later. A server that is gone is not waited for. */
async function forceNewLogSegment(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {}, connect_timeout: 2 });
  const force = async () => {
    for (let segment = 0; segment < 4; segment += 1) {
      await sql`select pg_switch_wal(), pg_logical_emit_message(false, 'faults', repeat('x', 1000))`;
    }
  };
  await Promise.race([force().catch(() => {}), sleep(FORCED_MS)]);
  await sql.end({ timeout: 1 }).catch(() => {});
}
