import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acquire, NATS, tooOld } from '@messagecore/dev-servers';
import { call } from '@messagecore/testkit';
import { smallDisk } from '../cluster/small-disk.ts';
import { unableToIsolate } from '../isolate.ts';
import { untilPublished } from '../published.ts';
import type { Scenario } from '../scenario.ts';

/** NATS promises more than the disk has, as one whose disk others fill as well. */
const PROMISED_BYTES = 2 * 1024 ** 3;
/** Within so long of there being room again, all that was committed is in the stream. */
const PUBLISHED_WITHIN_MS = 30_000;

export const streamDiskFull: Scenario = {
  name: 'stream-disk-full',
  what: "NATS's disk is full to the last byte for some seconds, and has room again",
  isolated: true,
  unable: async () => (await unableToIsolate()) ?? (await unableByVersion()),
  cluster: { prepareNatsDisk: smallDisk('192m'), nats: { maxFileStore: PROMISED_BYTES } },
  async fault({ cluster, pause, random, limit, onHeal, complain, note }) {
    const folder = cluster.nats.server.dataDir;
    const filler = join(folder, 'filler');
    onHeal(async () => {
      await rm(filler, { force: true });
      if (!(await untilPublished(cluster.databaseUrl, limit(PUBLISHED_WITHIN_MS))))
        complain('backlog', 'with room again, what was committed is not in the stream');
    });
    const { bavail, bsize } = await statfs(folder);
    await writeFile(filler, new Uint8Array(bavail * bsize)).catch(() => {});
    // Sometimes until the stream is given up.
    await pause(2_000, random() < 0.5 ? 5_000 : 16_000);
    const { body } = await call<{ checks: Record<string, object> }>('GET', `${cluster.apis[0]}/health`);
    note(`at the end of it /health says of the stream ${JSON.stringify(body.checks?.['stream'])}`);
  },
};

/** An older NATS takes nothing more from whoever publishes until it is killed: docs/decisions/0014-which-nats.md. */
async function unableByVersion(): Promise<string | undefined> {
  const version = await tooOld(await acquire(NATS), NATS);
  return version && `it needs NATS ${NATS.minimum} or newer, and this is ${version}`;
}
