import { type LatencySummary, LatencyRecorder } from '../measure/latency.ts';

export interface LoadResult extends LatencySummary {
  readonly perSecond: number;
  readonly seconds: number;
}

/**
 * `senders` that each send the next when the last is done, for `seconds`; all are done when it settles, and the time
 * until then counts.
 */
export async function closedLoop(
  senders: number,
  seconds: number,
  send: (sender: number) => Promise<unknown>,
): Promise<LoadResult> {
  const latency = new LatencyRecorder();
  const startedAt = performance.now();
  const until = startedAt + seconds * 1_000;
  const run = async (sender: number) => {
    for (let now = performance.now(); now < until;) {
      await send(sender);
      const done = performance.now();
      latency.record(done - now);
      now = done;
    }
  };
  await Promise.all(Array.from({ length: senders }, (_, sender) => run(sender)));
  const took = (performance.now() - startedAt) / 1_000;
  return { ...latency.summary(), perSecond: latency.count / took, seconds: took };
}
