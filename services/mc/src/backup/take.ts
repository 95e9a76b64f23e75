import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore, type Sql } from '@messagecore/chat-service/operator';
import { systemClock } from '@messagecore/kernel';
import type { Progress } from '../output/progress.ts';
import { type Bucket, pruneBucket } from './bucket.ts';
import { uploadBase } from './copy-base.ts';
import { baseFolder, type BaseBackup, dataFolder, firstSegment, prune, writeBackup } from './folder.ts';
import { type Mark, takeMark } from './mark.ts';
import { SLOT } from './slot.ts';
import { endOfCopy } from './timelines.ts';
import { connectionVariables, findTool, runTool, tool } from './tools.ts';

export interface TakeOptions {
  readonly url: string;
  readonly folder: string;
  /** Backups that stay; older ones are deleted. */
  readonly keep: number;
  readonly mark: boolean;
  /** Where it is copied to. */
  readonly bucket?: Bucket | undefined;
  readonly progress: Progress;
}

/** Copies the running server with pg_basebackup, has the copy checked, and marks a point that can be compared after a restoration. */
export async function takeBackup(options: TakeOptions): Promise<BaseBackup> {
  const { url, folder, keep, progress, bucket } = options;
  const id = await makeFolder(folder);
  const data = dataFolder(folder, id);
  const store = openStore({ url, poolSize: 2, applicationName: 'mc backup', statementTimeoutMs: 0 });
  let taken: BaseBackup;
  try {
    const bytes = await copy(url, data, progress);
    const check = findTool('pg_verifybackup');
    if (check !== undefined) await progress.during('check', () => runTool(check, ['--quiet', data]));
    const endedAt = await serverTime(store.sql);
    const mark = options.mark && (await isArchived(store.sql)) ? await marked(store.sql, id, progress) : undefined;
    const firstWal = await firstSegment(folder, id);
    const end = await endOfCopy(folder, id);
    const backup = {
      id,
      endedAt,
      bytes,
      ...(firstWal !== undefined && { firstWal }),
      ...(end !== undefined && { end }),
      ...(mark !== undefined && { mark }),
    };
    await writeBackup(folder, backup);
    taken = backup;
  } catch (error) {
    await rm(baseFolder(folder, id), { recursive: true, force: true });
    throw error;
  } finally {
    await store.close();
  }
  // It is there from here on, whatever becomes of the copy.
  if (bucket !== undefined) {
    await progress.during('upload', () => uploadBase(bucket, folder, taken));
    await pruneBucket(bucket, keep);
  }
  await prune(folder, keep);
  return taken;
}

const SECOND_MS = 1_000;

/** An id is the second in which a backup began. When another one began in the same second, waits for the next. */
async function makeFolder(folder: string): Promise<string> {
  for (;;) {
    const now = systemClock.now();
    const id = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    await mkdir(dirname(baseFolder(folder, id)), { recursive: true });
    try {
      await mkdir(baseFolder(folder, id));
      return id;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      await sleep(SECOND_MS - (now % SECOND_MS));
    }
  }
}

const COPIED = /(\d+)\/(\d+) kB/g;
const KIB = 1024;

/** @returns how many bytes were copied. */
async function copy(url: string, data: string, progress: Progress): Promise<number> {
  let done = 0;
  progress.start('copy', 'MiB');
  try {
    await runTool(tool('pg_basebackup'), ['-D', data, '-Fp', '-Xstream', '-cfast', '-P', '--no-password'], {
      env: { ...connectionVariables(url), LC_ALL: 'C' },
      onStderr: (text) => {
        for (const [, copied, all] of text.matchAll(COPIED)) {
          done = Number(copied) * KIB;
          progress.update(Number(copied) / KIB, Number(all) / KIB);
        }
      },
    });
  } finally {
    progress.stop();
  }
  return done;
}

async function marked(sql: Sql, id: string, progress: Progress): Promise<Mark> {
  progress.start('checksums', 'tables');
  try {
    return await takeMark(sql, `messagecore-${id}`, progress.update);
  } finally {
    progress.stop();
  }
}

async function serverTime(sql: Sql): Promise<string> {
  const [row] = await sql<{ at: Date }[]>`select clock_timestamp() as at`;
  return (row?.at ?? new Date(0)).toISOString();
}

/** Without an archive nothing after the copy can be restored, so that no mark could be reached. */
async function isArchived(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ archived: boolean }[]>`
    select current_setting('archive_mode') <> 'off'
      or exists (select from pg_replication_slots where slot_name = ${SLOT} and active) as archived`;
  return row?.archived === true;
}
