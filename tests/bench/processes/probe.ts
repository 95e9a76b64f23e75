/** Loaded into a measured process beside its own program: tells its CPU time and memory, and does nothing else. */
import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from './answer.ts';

const COLLECTIONS = 3;
const BETWEEN_MS = 50;

answerParent({
  'probe:cpu': () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  'probe:memory': async () => {
    // What one collection finalises the next one frees; sleeping lets the pages go back.
    for (let round = 0; round < COLLECTIONS; round += 1) {
      globalThis.gc?.();
      await sleep(BETWEEN_MS);
    }
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, heap: heapUsed, external };
  },
});
// The parent's questions must not keep a program alive that wants to end, and none outlives the parent.
process.channel?.unref();
process.once('disconnect', () => process.exit());
