import type { Scenario } from '../scenario.ts';
import { storeUnannounced } from '../unannounced.ts';
import { checkReconciled, checkUsage } from '../usage.ts';
import { overflowStream } from '../overflow.ts';

/** Room for a stream of 8 MiB: the least that the product makes. */
const STORE_BYTES = 12 * 1024 * 1024;

export const consumersOverflow: Scenario = {
  name: 'consumers-overflow',
  what: 'While no consumer runs, a stream of 8 MiB overflows: the oldest events leave it unseen',
  cluster: { background: true, nats: { maxFileStore: STORE_BYTES } },
  async fault(trouble) {
    const { cluster, pause } = trouble;
    checkUsage(trouble);
    await Promise.all(cluster.background.map((part) => part.kill()));
    await storeUnannounced(trouble);
    await checkReconciled(trouble);
    await overflowStream(trouble);
    await pause(100, 1_500);
  },
};
