/**
 * A thread of its own that attacks a gateway as fast as its socket lets it, and comes back whenever it is thrown out; so
 * that what the attack itself costs does not fall on those whose latency is measured.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { RawClient } from '@messagecore/testkit';

export interface AttackPlan {
  readonly url: string;
  readonly token: string;
  /** Sent again and again. */
  readonly payloads: readonly string[];
  /** Sessions at a time. */
  readonly sessions: number;
  /** Never reads what comes back. */
  readonly deaf?: boolean;
}

/** What the attackers saw: how often they got in and how they were thrown out. */
export interface AttackReport {
  readonly sent: number;
  readonly closes: Readonly<Record<string, number>>;
}

/** Begins an attack, and settles when it is under way; `stop` ends it and tells how it went. */
export async function startAttack(plan: AttackPlan): Promise<{ stop(): Promise<AttackReport> }> {
  const worker = new Worker(new URL(import.meta.url), { workerData: plan });
  const failed = new Promise<never>((_, reject) => worker.once('error', reject));
  const next = () => new Promise<unknown>((resolve) => worker.once('message', resolve));
  await Promise.race([next(), failed]);
  const reported = next() as Promise<AttackReport>;
  return {
    stop: async () => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage('stop');
      const report = await Promise.race([reported, failed]);
      await worker.terminate();
      return report;
    },
  };
}

const SEND_BUFFER = 256 * 1024;
const REST_MS = 5;
/** Payloads after which an attack is under way. */
const BEGUN = 12;

async function attack(
  { url, token, payloads, sessions, deaf = false }: AttackPlan,
  over: AbortSignal,
  onBegun: () => void,
): Promise<AttackReport> {
  let sent = 0;
  const closes: Record<string, number> = {};
  const one = async () => {
    while (!over.aborted) {
      const client = new RawClient({ url, token });
      const isIn = await client.record.next('ready').then(
        () => true,
        () => false,
      );
      if (deaf) client.pauseReading();
      for (let i = 0; isIn && !over.aborted && client.socket.readyState === client.socket.OPEN; i += 1) {
        if (client.socket.bufferedAmount > SEND_BUFFER || i % 50 === 49) await sleep(REST_MS);
        client.sendRaw(payloads[i % payloads.length]!);
        sent += 1;
        if (sent === BEGUN) onBegun();
      }
      if (over.aborted || deaf) client.cut();
      const { code } = await client.closed;
      closes[code] = (closes[code] ?? 0) + 1;
      await sleep(REST_MS * 10);
    }
  };
  await Promise.all(Array.from({ length: sessions }, one));
  return { sent, closes };
}

if (parentPort !== null && workerData !== null) {
  const port = parentPort;
  const over = new AbortController();
  port.once('message', () => over.abort());
  port.postMessage(await attack(workerData as AttackPlan, over.signal, () => port.postMessage('begun')));
}
