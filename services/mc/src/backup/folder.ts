/**
 * What a folder of backups holds: `base/<id>/data`, a copy of PostgreSQL's own folder, with `backup.json` beside it, and
 * `wal/<timeline>`, the WAL since then. A copy that is not finished has no `backup.json`.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mark } from './mark.ts';

export interface WalPosition {
  readonly timeline: number;
  /** As PostgreSQL writes it: `0/3000060`. */
  readonly lsn: string;
}

export interface BaseBackup {
  /** When it began, as `20261130T041500Z`. */
  readonly id: string;
  /** From then on any moment can be restored. */
  readonly endedAt: string;
  readonly bytes: number;
  /** The segment that a restoration begins with, without its timeline; undefined in backups of an earlier version. */
  readonly firstWal?: string;
  /** Where in the WAL the copy ends; undefined in backups of an earlier version. */
  readonly end?: WalPosition;
  /** Undefined when none was wanted, or nothing keeps the WAL. */
  readonly mark?: Mark;
}

export const baseFolder = (folder: string, id: string): string => join(folder, 'base', id);
export const dataFolder = (folder: string, id: string): string => join(baseFolder(folder, id), 'data');
export const walFolder = (folder: string, timeline: string): string => join(folder, 'wal', timeline);

/** Finished backups, oldest first. */
export async function listBackups(folder: string): Promise<readonly BaseBackup[]> {
  const ids = await readdir(join(folder, 'base')).catch(() => []);
  const found = await Promise.all(
    ids.map((id) => readFile(join(baseFolder(folder, id), 'backup.json'), 'utf8').catch(() => undefined)),
  );
  return found
    .flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as BaseBackup]))
    .sort((a, b) => a.id.localeCompare(b.id));
}

export async function writeBackup(folder: string, backup: BaseBackup): Promise<void> {
  await mkdir(baseFolder(folder, backup.id), { recursive: true });
  await writeFile(join(baseFolder(folder, backup.id), 'backup.json'), `${JSON.stringify(backup, null, 2)}\n`);
}

const SEGMENT = /^[\dA-F]{8}([\dA-F]{16})/;

/** Deletes all but the newest `keep` backups, and the WAL that only these needed. Returns the ids of those deleted. */
export async function prune(folder: string, keep: number): Promise<readonly string[]> {
  const backups = await listBackups(folder);
  const old = backups.slice(0, Math.max(0, backups.length - keep));
  for (const { id } of old) await rm(baseFolder(folder, id), { recursive: true, force: true });
  const kept = backups.slice(old.length);
  if (old.length > 0)
    await pruneWal(folder, firstNeeded(await Promise.all(kept.map(({ id }) => firstSegment(folder, id)))));
  return old.map(({ id }) => id);
}

/**
 * The first segment that any of several backups needs, from those that each begins with. Timelines are not told apart: after a
 * restoration to an earlier moment a newer backup may begin before an older one. Undefined when one does not say.
 */
export function firstNeeded(segments: readonly (string | undefined)[]): string | undefined {
  const known = segments.filter((segment) => segment !== undefined);
  return known.length < segments.length ? undefined : known.sort((a, b) => a.localeCompare(b, 'en'))[0];
}

/** The segment that a restoration of this backup begins with, without its timeline; undefined when it does not say. */
export async function firstSegment(folder: string, id: string): Promise<string | undefined> {
  const label = await readFile(join(dataFolder(folder, id), 'backup_label'), 'utf8').catch(() => '');
  return SEGMENT.exec(/\(file ([\dA-F]{24})\)/.exec(label)?.[1] ?? '')?.[1];
}

async function pruneWal(folder: string, first: string | undefined): Promise<void> {
  if (first === undefined) return;
  for (const { path, place } of await listWal(folder)) if (place !== undefined && place < first) await rm(path);
}

export interface WalFile {
  readonly timeline: string;
  readonly path: string;
  /** As PostgreSQL looks for it. */
  readonly name: string;
  /** Of a segment, without its timeline; undefined of a timeline's history. */
  readonly place: string | undefined;
  /** The last one, which was not full yet. */
  readonly partial: boolean;
}

export async function listWal(folder: string): Promise<readonly WalFile[]> {
  const root = join(folder, 'wal');
  const timelines = await readdir(root).catch(() => []);
  const files = await Promise.all(
    timelines.map(async (timeline) =>
      (await readdir(join(root, timeline)))
        .filter((file) => !file.endsWith('.part'))
        .map((file) => ({
          timeline,
          path: join(root, timeline, file),
          name: file.replace(/\.partial$/, ''),
          place: SEGMENT.exec(file)?.[1],
          partial: file.endsWith('.partial'),
        })),
    ),
  );
  return files.flat();
}

/** The WAL that a restoration of this backup reads, in no order; of a segment that is there twice the full one comes last. */
export async function walSince(folder: string, id: string): Promise<readonly WalFile[]> {
  const first = (await firstSegment(folder, id)) ?? '';
  const files = (await listWal(folder)).filter(({ place }) => place === undefined || place >= first);
  return [...files.filter(({ partial }) => partial), ...files.filter(({ partial }) => !partial)];
}
