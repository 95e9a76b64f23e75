/**
 * Loaded into a measured process beside its own program: tells its CPU time, its memory, how late its event loop is and
 * where its time goes. Does nothing unless asked.
 */
import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from './answer.ts';

const COLLECTIONS = 3;
const BETWEEN_MS = 50;
const SAMPLE_US = 200;

let loopDelay: ReturnType<typeof monitorEventLoopDelay> | undefined;
let profiler: Session | undefined;

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
  /** How late timers were since the last question, 99 of 100, milliseconds. 0 for the first question, which starts it. */
  'probe:loop': () => {
    if (loopDelay === undefined) {
      loopDelay = monitorEventLoopDelay({ resolution: 10 });
      loopDelay.enable();
      return 0;
    }
    const late = loopDelay.count === 0 ? 0 : loopDelay.percentile(99) / 1e6;
    loopDelay.reset();
    return late;
  },
  'probe:profile': async () => {
    profiler = new Session();
    profiler.connect();
    await profiler.post('Profiler.enable');
    await profiler.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    await profiler.post('Profiler.start');
  },
  'probe:profiled': async () => {
    const { profile } = (await profiler?.post('Profiler.stop')) ?? {};
    profiler?.disconnect();
    return profile;
  },
});
// The parent's questions must not keep a program alive that wants to end, and none outlives the parent.
process.channel?.unref();
process.once('disconnect', () => process.exit());
