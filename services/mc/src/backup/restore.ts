import { appendFile, cp, lchown, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Progress } from '../output/progress.ts';
import { type Bucket, listBucket } from './bucket.ts';
import { choose, type Choice, type Target } from './choose.ts';
import { bringHistories, download } from './copy-base.ts';
import { type BaseBackup, dataFolder, listBackups } from './folder.ts';
import { layWal } from './lay-wal.ts';
import { listTimelines } from './timelines.ts';
import { findTool, runTool } from './tools.ts';

export interface RestoreOptions {
  readonly folder: string;
  /** PostgreSQL's data folder: exists, is empty, and belongs to the account that PostgreSQL runs as. */
  readonly into: string;
  /** A moment, `mark` for that of the backup, or undefined for all that was archived. */
  readonly at: string | undefined;
  /** The id of a backup; the newest that will do when left out. */
  readonly base: string | undefined;
  readonly progress: Progress;
  /** Where backups are copied to: what the folder lacks is brought from there. */
  readonly bucket?: Bucket | undefined;
}

export interface Restored {
  readonly base: string;
  /** What recovery ends at, for people. */
  readonly until: string;
  readonly toMark: boolean;
}

/** Lays out a backup so that PostgreSQL, when it is started on it, recovers up to the moment that is wanted and then takes writes. */
export async function restore({ folder, at, base, progress, bucket, ...options }: RestoreOptions): Promise<Restored> {
  const into = resolve(options.into);
  const target = targetOf(at);
  const left = await readdir(into).catch(() => undefined);
  if (left === undefined) throw new Error(`${into} does not exist: make it, owned by the account of PostgreSQL`);
  if (left.length > 0) throw new Error(`${into} is not empty: move away what is in it`);
  const known = bucket === undefined ? [] : await listBucket(bucket);
  if (bucket !== undefined) await bringHistories(bucket, folder);
  const choice = choose(merged(await listBackups(folder), known), await listTimelines(folder), base, target);
  const { backup } = choice;
  if (bucket !== undefined) await progress.during('download', () => download(bucket, folder, backup));
  await progress.during('copy', () => cp(dataFolder(folder, backup.id), into, { recursive: true }));
  const check = findTool('pg_verifybackup');
  if (check !== undefined) await progress.during('check', () => runTool(check, ['--quiet', into]));
  await layWal(folder, backup.id, into, progress);
  await rm(join(into, 'standby.signal'), { force: true });
  await appendFile(join(into, 'postgresql.auto.conf'), `${settings(choice, target).join('\n')}\n`);
  await writeFile(join(into, 'recovery.signal'), '');
  await giveToOwner(into);
  return { base: backup.id, until: describe(backup, target), toMark: target === 'mark' };
}

/** Each once, oldest first. */
function merged(...lists: readonly (readonly BaseBackup[])[]): readonly BaseBackup[] {
  const byId = new Map(lists.flat().map((backup) => [backup.id, backup]));
  return [...byId.values()].sort((a, b) => a.id.localeCompare(b.id));
}

/** What `restored` takes away again. */
export const RECOVERY_SETTINGS = [
  'restore_command',
  'recovery_target_time',
  'recovery_target_name',
  'recovery_target_action',
  'recovery_target_timeline',
] as const;

function targetOf(at: string | undefined): Target {
  if (at === undefined || at === 'mark') return at;
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) throw new Error(`--at ${at}: a moment as 2026-11-30T04:15:00Z, or mark`);
  return moment;
}

function settings({ backup: { mark }, timeline }: Choice, target: Target): string[] {
  return [
    // Recovery asks for a command first, which finds nothing, and looks into pg_wal then.
    "restore_command = 'false'",
    "recovery_target_action = 'promote'",
    `recovery_target_timeline = '${timeline}'`,
    ...(target instanceof Date ? [`recovery_target_time = '${inConfiguration(target)}'`] : []),
    ...(target === 'mark' && mark !== undefined ? [`recovery_target_name = '${mark.name}'`] : []),
  ];
}

/** PostgreSQL reads its configuration before it knows time zones by name, `Z` among them. */
const inConfiguration = (moment: Date) => moment.toISOString().replace('T', ' ').replace('Z', '+00');

function describe({ mark }: BaseBackup, target: Target): string {
  if (target instanceof Date) return target.toISOString();
  return target === 'mark' ? `the mark of ${mark?.at}` : 'the end of the archive';
}

/** Only root may give files away; for everybody else they are their own already. */
async function giveToOwner(folder: string): Promise<void> {
  const { uid, gid } = await stat(folder);
  if (process.getuid?.() !== 0) return;
  for (const entry of await readdir(folder, { recursive: true })) await lchown(join(folder, entry), uid, gid);
}
