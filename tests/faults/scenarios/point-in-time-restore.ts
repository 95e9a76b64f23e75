import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run, waitUntil } from '@messagecore/dev-servers';
import { childEnvironment } from '../../../deploy/dev/config.ts';
import { RESTORED } from '../cluster/cluster.ts';
import type { Scenario } from '../scenario.ts';
import { readStored } from '../stored.ts';

export const pointInTimeRestore: Scenario = {
  name: 'point-in-time-restore',
  what: 'PostgreSQL is restored from a backup made some seconds before, as docs/operate.md says; what came after is lost',
  // A reply whose root is lost is rightly refused when it is repeated.
  load: { replyEvery: Number.POSITIVE_INFINITY },
  async fault({ cluster, crowd, pause, restored }) {
    const { postgres, gateways, chatServices, databaseUrl } = cluster;
    const data = join(cluster.postgresFolder, 'cluster');
    const backup = `${data}.backup`;
    await postgres.stop();
    await run('cp', ['-a', data, backup], { env: childEnvironment({}) });
    await postgres.restart();
    await pause(1_000, 2_500);

    await Promise.all([...gateways, ...chatServices].map((part) => part.stop()));
    await waitUntil('every client to be gone', () => crowd.offline);
    const before = await readStored(databaseUrl, crowd.cids);
    await postgres.stop();
    await rm(data, { recursive: true });
    await rename(backup, data);
    await postgres.restart();
    const after = await readStored(databaseUrl, crowd.cids);
    await run(process.execPath, [RESTORED], {
      env: childEnvironment({ DATABASE_URL: databaseUrl, NATS_URL: cluster.nats.server.url }),
    });
    restored({ at: performance.now(), before, after });
    await Promise.all(chatServices.map((part) => part.restart()));
    await Promise.all(gateways.map((part) => part.restart()));
  },
};
