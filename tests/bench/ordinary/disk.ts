import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { DevServer } from '@messagecore/dev-servers';
import postgres from 'postgres';
import { LatencyRecorder, type LatencySummary } from '../measure/latency.ts';

/** What durable writes take on the file system of PostgreSQL's data. */
export interface Disk {
  readonly sync: LatencySummary;
  readonly commit: LatencySummary;
  /** Added to every fdatasync of PostgreSQL. */
  readonly delayMs: number;
}

const BLOCK = Buffer.alloc(8 * 1024, 1);
const LONGEST_MS = 2_000;
const SLOW_SYNC = 'slow-fdatasync';

/** What it takes to append 8 KiB to a file in `folder` and have it on disk, up to `times` and two seconds. */
export function syncTime(folder: string, times: number): LatencySummary {
  const path = join(folder, 'sync-time');
  const file = openSync(path, 'w');
  const until = performance.now() + LONGEST_MS;
  const latency = new LatencyRecorder();
  for (let now = performance.now(); latency.count < times && now < until; now = performance.now()) {
    writeSync(file, BLOCK);
    fdatasyncSync(file);
    latency.record(performance.now() - now);
  }
  closeSync(file);
  rmSync(path);
  return latency.summary();
}

/** What a smallest commit takes when nobody else commits. */
export async function commitTime(url: string, times: number): Promise<LatencySummary> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const until = performance.now() + LONGEST_MS;
  const latency = new LatencyRecorder();
  for (let now = performance.now(); latency.count < times && now < until; now = performance.now()) {
    await sql`select pg_logical_emit_message(true, 'bench', '')`;
    latency.record(performance.now() - now);
  }
  await sql.end();
  return latency.summary();
}

/**
 * The environment in which a PostgreSQL for Linux takes `ms` longer for every fdatasync, with which it makes commits
 * durable. @throws Error where no C compiler is.
 */
export function slowerSync(ms: number, folder: string): Record<string, string> {
  const library = join(folder, `${SLOW_SYNC}.so`);
  try {
    const source = join(import.meta.dirname, `${SLOW_SYNC}.c`);
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source], { stdio: 'pipe' });
  } catch (cause) {
    throw new Error('--fdatasync-delay needs Linux and a C compiler called cc', { cause });
  }
  return { LD_PRELOAD: library, BENCH_FDATASYNC_DELAY_US: String(Math.round(ms * 1_000)) };
}

/** @throws Error when a process of the server has not loaded the slower fdatasync, or commits without fdatasync. */
export async function checkSlowerSync(server: DevServer): Promise<void> {
  const isLoaded = (pid: number) => readFileSync(`/proc/${pid}/maps`, 'utf8').includes(SLOW_SYNC);
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  const [{ method, pid } = { method: '', pid: 0 }] = await sql<{ method: string; pid: number }[]>`
    select current_setting('wal_sync_method') as method, pg_backend_pid() as pid`;
  const isSlower = method === 'fdatasync' && isLoaded(pid);
  await sql.end();
  if (!isSlower) throw new Error(`fdatasync of PostgreSQL is not delayed (wal_sync_method ${method})`);
}
