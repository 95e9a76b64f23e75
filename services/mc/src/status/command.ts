import { systemClock } from '@messagecore/kernel';
import { sleep } from '@messagecore/runtime';
import type { Installation } from '../config.ts';
import { formatStatus } from './table.ts';
import { readStatus, type Reading, type SystemStatus } from './read.ts';

interface Options {
  /** One table, and no more. So it is where there is no terminal, too. */
  readonly once: boolean;
  readonly json: boolean;
  readonly everyMs: number;
}

const CLEAR = '\u001b[H\u001b[2J';

/** `mc status`: 1 when, at the last look, a process did not answer or was not ready. */
export async function status({ services }: Installation, { once, json, everyMs }: Options): Promise<number> {
  if (services.length === 0) throw new Error('--services or MC_SERVICES is not set: the addresses of all processes');
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => over.abort());
  const live = !once && !json && process.stdout.isTTY;
  let before: Reading | undefined;
  for (;;) {
    const { status: now, reading } = await readStatus(services, () => systemClock.now(), before);
    // Rates need two readings; a single table is of the second one.
    const isFirst = before === undefined;
    before = reading;
    if (!isFirst || live) print(now, json, live);
    if ((!isFirst && !live) || over.signal.aborted) return isWell(now) ? 0 : 1;
    await sleep(everyMs, systemClock, over.signal);
  }
}

function print(now: SystemStatus, json: boolean, live: boolean): void {
  const text = json ? JSON.stringify(now, null, 2) : formatStatus(now);
  process.stdout.write(`${live ? `${CLEAR}${now.at}  Ctrl-C ends\n\n` : ''}${text}\n`);
}

const isWell = ({ processes }: SystemStatus) => processes.every(({ state }) => state === 'ready');
