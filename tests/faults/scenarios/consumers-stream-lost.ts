import type { Scenario } from '../scenario.ts';
import { storeUnannounced } from '../unannounced.ts';
import { checkReconciled, checkUsage } from '../usage.ts';

export const consumersStreamLost: Scenario = {
  name: 'consumers-stream-lost',
  what: 'While no consumer runs, the stream is lost with all that they have not seen, and some of it was never in one',
  cluster: { background: true },
  async fault(trouble) {
    const { cluster, pause, pick } = trouble;
    checkUsage(trouble);
    await Promise.all(cluster.background.map((part) => part.kill()));
    await pause(500, 1_500);
    await storeUnannounced(trouble);
    await cluster.nats.kill();
    await cluster.nats.server.wipeStore();
    await pause(100, 1_000);
    await cluster.nats.restart();
    await checkReconciled(trouble);
    await pause(100, 1_500);
    await pick(cluster.background).restart();
  },
};
