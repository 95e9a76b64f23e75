/** Listeners of a live room, and who speaks there, in processes of their own: the system's clock is the one that they share. */
import { createUlid } from '@messagecore/kernel';
import { LatencyRecorder, type LatencySummary } from '../measure/latency.ts';
import { answerParent } from '../processes/answer.ts';
import { openRawClient, type RawClient } from '../raw-client.ts';
import { openLoop, type OpenLoopPlan, type OpenLoopResult } from '../way/open-loop.ts';

export interface ListenPlan {
  readonly cid: string;
  readonly urls: readonly string[];
}

const AT_ONCE = 100;
const FILLING = 'x'.repeat(60);
const newMid = createUlid();
const now = () => performance.timeOrigin + performance.now();

let heard = new LatencyRecorder();
let awaited = 0;
let all = Promise.withResolvers<void>();

answerParent({
  /** Settles when all have joined. */
  listen: async ({ cid, urls }: ListenPlan) => {
    for (let start = 0; start < urls.length; start += AT_ONCE)
      await Promise.all(urls.slice(start, start + AT_ONCE).map((url) => join(url, cid, hear)));
  },
  /** So many messages are to be heard by all who listen here together. */
  expect: (frames: number) => {
    [heard, awaited, all] = [new LatencyRecorder(), frames, Promise.withResolvers<void>()];
  },
  /** Settles when they have been: from when each was due. */
  heard: async (): Promise<LatencySummary> => {
    await all.promise;
    return heard.summary();
  },
  /** Speaks, and measures from when each message was due until it is acknowledged. */
  speak: async ({ url, cid, ...plan }: OpenLoopPlan & { url: string; cid: string }): Promise<OpenLoopResult> => {
    const mids = new Map<string, number>();
    const speaker = await join(url, cid, (payload) => {
      const json = payload.toString('latin1');
      if (json.startsWith('{"t":"error"')) throw new Error(`refused: ${json}`);
      if (!json.startsWith('{"t":"ack"')) return;
      const { mid } = JSON.parse(json) as { mid: string };
      loop.arrived(mids.get(mid) ?? 0);
    });
    const loop = openLoop(plan, (index) => {
      const mid = newMid();
      mids.set(mid, index);
      const body = { text: `${now()} ${FILLING}` };
      speaker.send(JSON.stringify({ t: 'send', cid, mid, clientId: 'bench', at: Date.now(), kind: 'text', body }));
    });
    const result = await loop.result;
    speaker.destroy();
    return result;
  },
});

async function join(url: string, cid: string, onFrame: (payload: Buffer) => void): Promise<RawClient> {
  const joined = Promise.withResolvers<void>();
  const client = await openRawClient({
    url,
    onFrame: (payload) => {
      if (payload.toString('latin1', 0, 12) === '{"t":"joined') joined.resolve();
      else onFrame(payload);
    },
    onClose: (reason) => joined.reject(new Error(`closed: ${reason}`)),
  });
  client.send(JSON.stringify({ t: 'join', cid }));
  await joined.promise;
  return client;
}

function hear(payload: Buffer): void {
  const json = payload.toString('latin1');
  if (json.startsWith('{"t":"error"')) throw new Error(`refused: ${json}`);
  if (!json.startsWith('{"t":"message"')) return;
  heard.record(now() - Number.parseFloat(json.slice(json.indexOf('"text":"') + 8)));
  if (heard.count === awaited) all.resolve();
}
