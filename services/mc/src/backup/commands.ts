/** `mc backup`, `mc archive`, `mc restore`, `mc restored`: what is asked for, and what is said of it. */
import type { Installation } from '../config.ts';
import { columnsOf } from '../output/table.ts';
import { createProgress } from '../output/progress.ts';
import { listBucket, openBucket } from './bucket.ts';
import { archive } from './archive.ts';
import { finishRestoration, type Finished } from './finish.ts';
import { type BaseBackup, listBackups } from './folder.ts';
import { restore } from './restore.ts';
import { takeBackup } from './take.ts';

interface Printed {
  readonly json: boolean;
}

const print = (text: string) => void process.stdout.write(`${text}\n`);

/** @throws Error naming the setting that is missing. */
function needed(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

const bucketOf = ({ bucket }: Installation) => bucket && openBucket(bucket);
const folderOf = ({ backup }: Installation) => needed(backup, '--backup or MC_BACKUP');

export async function backup(
  installation: Installation,
  { json, list, keep, mark }: Printed & { readonly list: boolean; readonly keep: number; readonly mark: boolean },
): Promise<number> {
  const folder = folderOf(installation);
  if (list) {
    const bucket = await bucketOf(installation);
    const backups = bucket === undefined ? await listBackups(folder) : await listBucket(bucket);
    print(json ? JSON.stringify(backups.map(withoutTables), null, 2) : formatBackups(backups));
    return 0;
  }
  const url = needed(installation.backupUrl, 'DATABASE_URL');
  const taken = await takeBackup({
    ...{ url, folder, keep, mark, progress: createProgress() },
    bucket: await bucketOf(installation),
  });
  print(json ? JSON.stringify(withoutTables(taken), null, 2) : formatBackups([taken]));
  if (taken.mark === undefined && mark) {
    process.stderr.write('mc: nothing keeps the WAL, so that there is no mark: start "mc archive"\n');
  }
  return 0;
}

const withoutTables = ({ mark, ...backup }: BaseBackup) => ({
  ...backup,
  ...(mark !== undefined && {
    mark: {
      name: mark.name,
      at: mark.at,
      stoppedMs: mark.stoppedMs,
      rows: rowsOf(mark.tables),
      tables: mark.tables.length,
    },
  }),
});

const rowsOf = (tables: readonly { readonly rows: number }[]) => tables.reduce((sum, { rows }) => sum + rows, 0);

function formatBackups(backups: readonly BaseBackup[]): string {
  if (backups.length === 0) return 'there are no backups';
  return columnsOf([
    ['backup', 'size', 'restores from', 'mark'],
    ...backups.map(({ id, bytes, endedAt, mark }) => [
      id,
      `${Math.round(bytes / 1024 ** 2)} MiB`,
      toSecond(endedAt),
      mark === undefined ? 'none' : `${rowsOf(mark.tables)} rows`,
    ]),
  ]);
}

const toSecond = (moment: string) => moment.replace(/\.\d+Z$/, 'Z');

/** Until it is told to end. */
export async function keepArchive(installation: Installation, onFailure: (error: unknown) => void): Promise<number> {
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => over.abort());
  await archive({
    url: needed(installation.backupUrl, 'DATABASE_URL'),
    folder: folderOf(installation),
    bucket: await bucketOf(installation),
    signal: over.signal,
    log: (line) => void process.stderr.write(`mc archive: ${line}\n`),
    onFailure,
  });
  return 0;
}

export async function layOut(
  installation: Installation,
  options: Printed & { readonly into: string; readonly at?: string; readonly base?: string },
): Promise<number> {
  const { json, into, at, base } = options;
  const done = await restore({
    ...{ folder: folderOf(installation), into, at, base, progress: createProgress() },
    bucket: await bucketOf(installation),
  });
  if (json) {
    print(JSON.stringify(done, null, 2));
    return 0;
  }
  const compare = done.toMark ? ` --mark ${done.base}` : '';
  print(`${into} holds the backup ${done.base}, and recovers up to ${done.until}.`);
  print(
    `Next: 1. start PostgreSQL on it, with no service running\n      2. mc restored${compare}\n      3. start the services, and "mc archive"`,
  );
  return 0;
}

export async function restored(
  installation: Installation,
  { json, mark: id, wait }: Printed & { readonly mark?: string; readonly wait: number },
): Promise<number> {
  const finished = await finishRestoration({
    url: needed(installation.backupUrl, 'DATABASE_URL'),
    natsUrl: needed(installation.natsUrl, 'NATS_URL'),
    waitMs: wait * 1_000,
    progress: createProgress(),
    ...(id !== undefined && { mark: { folder: folderOf(installation), id } }),
  });
  print(json ? JSON.stringify(finished, null, 2) : formatFinished(finished));
  return (finished.differences?.length ?? 0) > 0 ? 1 : 0;
}

/** How long before the moment that was wanted the last commit is: what is lost of what was to be kept. */
function gapOf(target: string, lastCommit: string | null): string {
  return lastCommit === null ? '' : `, ${Date.parse(target) - Date.parse(lastCommit)} ms after it (RPO)`;
}

function formatFinished({ conversations, lastCommit, target, tables, rows, differences }: Finished): string {
  const compared =
    differences === undefined ? 'not compared' : differences.length === 0 ? 'as at the mark' : 'DIFFERENT';
  return columnsOf([
    ['last commit', lastCommit ?? 'that of the backup'],
    ...(target === null ? [] : [['wanted', `${target}${gapOf(target, lastCommit)}`]]),
    ['tables', `${tables} with ${rows} rows, ${compared}`],
    ['epochs raised', `${conversations} conversations`],
    ['stream', 'dropped; chat-services fill it again'],
    ...(differences ?? []).map(({ table, before, after }) => [
      table,
      `${before?.rows ?? 'no'} rows before, ${after?.rows ?? 'no'} after`,
    ]),
  ]);
}
