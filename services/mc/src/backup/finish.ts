import { connectBus } from '@messagecore/bus';
import { openStore, raiseEpochs, type Sql, type Store } from '@messagecore/chat-service/operator';
import { systemClock } from '@messagecore/kernel';
import { createLogger, sleep } from '@messagecore/runtime';
import { codeOf } from '../output/errors.ts';
import type { Progress } from '../output/progress.ts';
import { listBackups } from './folder.ts';
import { RECOVERY_SETTINGS } from './restore.ts';
import { type Difference, differences, sumsOf, tablesOf } from '../installation/table-sums.ts';

export interface FinishOptions {
  readonly url: string;
  readonly natsUrl: string;
  /** How long recovery may take. */
  readonly waitMs: number;
  /** The backup whose mark the database was restored to, with the folder where it is. */
  readonly mark?: { readonly folder: string; readonly id: string };
  readonly progress: Progress;
}

export interface Finished {
  readonly conversations: number;
  /** The last commit that is there. */
  readonly lastCommit: string | null;
  /** The moment that was wanted; null when none was. */
  readonly target: string | null;
  readonly tables: number;
  readonly rows: number;
  /** Undefined when there was nothing to compare with. */
  readonly differences?: readonly Difference[];
}

/**
 * After PostgreSQL was restored and started, while no service runs: waits until it has recovered, compares it with its mark,
 * raises the epoch of every conversation, and drops the stream, which still has what was lost. Doing it twice does no harm.
 */
export async function finishRestoration(options: FinishOptions): Promise<Finished> {
  const { url, natsUrl, progress } = options;
  const before = options.mark && (await marked(options.mark));
  const store = openStore({ url, poolSize: 1, applicationName: 'mc restored', statementTimeoutMs: 0 });
  try {
    await progress.during('recovery', () => recovered(store, options.waitMs));
    const { sql } = store;
    const lastCommit = await lastReplayed(sql);
    const target = await targetTime(sql);
    const tables = await tablesOf(sql);
    progress.start('checksums', 'tables');
    const sums = await sumsOf(sql, tables, (done) => progress.update(done, tables.length)).finally(progress.stop);
    for (const setting of RECOVERY_SETTINGS) await sql.unsafe(`alter system reset ${setting}`);
    const conversations = await startOver(sql, natsUrl);
    return {
      ...{
        conversations,
        lastCommit,
        target,
        tables: tables.length,
        rows: sums.reduce((all, { rows }) => all + rows, 0),
      },
      ...(before !== undefined && { differences: differences(before, sums) }),
    };
  } finally {
    await store.close();
  }
}

/** Returns how many conversations there are. */
async function startOver(sql: Sql, url: string): Promise<number> {
  const bus = await connectBus({ url, name: 'mc restored', log: createLogger({ name: 'mc', level: 'silent' }) });
  try {
    return await raiseEpochs(sql, bus);
  } finally {
    await bus.close();
  }
}

const LOOK_MS = 100;
/** What it says while it starts and recovers. */
const STARTING = /^(?:57P0.|CONNECTION_|CONNECT_TIMEOUT|ECONN)/;

async function recovered({ sql }: Store, waitMs: number): Promise<void> {
  const deadline = systemClock.monotonic() + waitMs;
  for (;;) {
    try {
      const [row] = await sql<{ recovering: boolean }[]>`select pg_is_in_recovery() as recovering`;
      if (row?.recovering === false) return;
    } catch (error) {
      if (!STARTING.test(codeOf(error)) || systemClock.monotonic() > deadline) throw error;
    }
    if (systemClock.monotonic() > deadline)
      throw new Error('PostgreSQL is still recovering; its log says how far it is');
    await sleep(LOOK_MS, systemClock);
  }
}

async function lastReplayed(sql: Sql): Promise<string | null> {
  const [row] = await sql<{ at: Date | null }[]>`select pg_last_xact_replay_timestamp() as at`;
  return row?.at?.toISOString() ?? null;
}

/** As `restore` has set it. */
async function targetTime(sql: Sql): Promise<string | null> {
  const [row] = await sql<{ target: string }[]>`select current_setting('recovery_target_time') as target`;
  return row === undefined || row.target === '' ? null : new Date(row.target).toISOString();
}

async function marked({ folder, id }: { folder: string; id: string }) {
  const backup = (await listBackups(folder)).find((each) => each.id === id);
  if (backup?.mark === undefined) throw new Error(`the backup ${id} has no mark to compare with`);
  return backup.mark.tables;
}
