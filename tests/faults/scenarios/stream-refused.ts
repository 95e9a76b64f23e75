import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { call } from '@messagecore/testkit';
import { untilPublished } from '../published.ts';
import type { Scenario } from '../scenario.ts';

const PUBLISHED_WITHIN_MS = 30_000;

interface HealthAnswer {
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly error?: string }>>;
}

export const streamRefused: Scenario = {
  name: 'stream-refused',
  what: 'NATS comes back with an empty store and no room for any stream; later it has room',
  async fault({ cluster, pause, limit, onHeal, complain }) {
    const { nats } = cluster;
    const configuration = join(nats.server.dataDir, 'nats.conf');
    const ordinary = await readFile(configuration, 'utf8');
    onHeal(async () => {
      await writeFile(configuration, ordinary);
      await nats.restart();
      if (!(await untilPublished(cluster.databaseUrl, limit(PUBLISHED_WITHIN_MS))))
        complain('backlog', 'with room again, what was committed is not in the stream');
    });
    await nats.kill();
    await nats.server.wipeStore();
    await writeFile(configuration, ordinary.replace(/store_dir: ("[^"]*")/, 'store_dir: $1, max_file_store: 1048576'));
    await nats.restart();
    await pause(4_000, 8_000);
    for (const api of cluster.apis) {
      const { status, body } = await call<HealthAnswer>('GET', `${api}/health`);
      const stream = body.checks?.['stream'];
      if (status !== 503 || stream?.ok !== false || stream.error === undefined)
        complain('hidden', `no stream can be made, and /health says ${status} ${JSON.stringify(stream)}`);
    }
  },
};
