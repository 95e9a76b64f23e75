import { mkdir } from 'node:fs/promises';
import { openStore } from '@messagecore/chat-service/operator';
import { Backoff, systemClock } from '@messagecore/kernel';
import { type LoopTiming, sleep } from '@messagecore/runtime';
import { messageOf } from '../output/errors.ts';
import type { Bucket } from './bucket.ts';
import { WalCopy } from './copy-wal.ts';
import { walFolder } from './folder.ts';
import { SLOT } from './slot.ts';
import { connectionVariables, runTool, tool } from './tools.ts';

export interface ArchiveOptions {
  readonly url: string;
  readonly folder: string;
  /** Where the WAL is copied to as it comes. */
  readonly bucket?: Bucket | undefined;
  readonly signal: AbortSignal;
  /** Told what happens, a line each time. */
  readonly log: (line: string) => void;
  /** Told what interrupted it. */
  readonly onFailure?: (error: unknown) => void;
  /** For the waits after failures. */
  readonly timing?: LoopTiming;
}

/**
 * Keeps every byte of WAL as PostgreSQL writes it, with pg_receivewal, until `signal` aborts. It begins anew whenever the server
 * goes away; PostgreSQL keeps for it what it has not got (a replication slot), so that nothing is left out. A server that
 * was restored or promoted writes a timeline of its own, which goes into a folder of its own.
 */
export async function archive(options: ArchiveOptions): Promise<void> {
  const following = follow(options);
  if (options.bucket !== undefined) await copyUntil(following, options.bucket, options);
  await following;
}

/** How often what has grown is brought to the bucket. */
const COPY_EVERY_MS = 5_000;

/** Until the WAL is followed no more, and all that came is there. What fails is tried again. */
async function copyUntil(following: Promise<void>, bucket: Bucket, options: ArchiveOptions): Promise<void> {
  const { folder, log, onFailure } = options;
  const copy = new WalCopy(bucket, folder);
  const over = new AbortController();
  following.finally(() => over.abort()).catch(() => {});
  for (let isLast = false; !isLast;) {
    isLast = over.signal.aborted;
    try {
      await copy.step();
    } catch (error) {
      log(`not copied: ${messageOf(error)}`);
      onFailure?.(error);
    }
    if (!isLast) await sleep(COPY_EVERY_MS, systemClock, over.signal);
  }
}

/** What fails within this time after it began counts as one more failure in a row: the wait after it is longer than the last. */
const LASTING_MS = 10_000;

async function follow({ url, folder, signal, log, onFailure, timing = {} }: ArchiveOptions): Promise<void> {
  const { clock = systemClock, random = Math.random } = timing;
  const program = tool('pg_receivewal');
  const env = { ...connectionVariables(url), LC_ALL: 'C' };
  const backoff = new Backoff({ minMs: 200, maxMs: 5_000, random });
  while (!signal.aborted) {
    let followsSince = Infinity;
    try {
      const into = walFolder(folder, await timelineOf(url));
      await mkdir(into, { recursive: true });
      const common = ['-D', into, '--slot', SLOT, '--no-password'];
      await runTool(program, [...common, '--create-slot', '--if-not-exists'], { env });
      log(`follows PostgreSQL into ${into}`);
      followsSince = clock.monotonic();
      await runTool(program, [...common, '--synchronous', '--no-loop'], { env, signal });
    } catch (error) {
      log(`interrupted: ${messageOf(error)}`);
      onFailure?.(error);
    }
    if (clock.monotonic() - followsSince >= LASTING_MS) backoff.reset();
    await sleep(backoff.next(), clock, signal);
  }
}

/** As eight hexadecimal digits. */
async function timelineOf(url: string): Promise<string> {
  const store = openStore({ url, poolSize: 1, applicationName: 'mc archive' });
  try {
    const [row] = await store.sql<{ timeline: string }[]>`
      select left(pg_walfile_name(pg_current_wal_lsn()), 8) as timeline`;
    return row?.timeline ?? '00000001';
  } finally {
    await store.close();
  }
}
