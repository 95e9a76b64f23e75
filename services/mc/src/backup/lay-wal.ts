import { access, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../output/progress.ts';
import { filledBytes } from './filled-bytes.ts';
import { type WalFile, walSince } from './folder.ts';

/**
 * Copies the WAL since a backup to the backup's own in `into`, so that PostgreSQL finds all of it in its own folder and its account
 * need not read the backups.
 */
export async function layWal(folder: string, id: string, into: string, progress: Progress): Promise<void> {
  const files = await walSince(folder, id);
  progress.start('WAL', 'segments');
  try {
    for (const [done, file] of files.entries()) {
      const path = join(into, 'pg_wal', file.name);
      if (await isWanted(file, path)) await copyFile(file.path, path);
      progress.update(done + 1, files.length);
    }
  } finally {
    progress.stop();
  }
}

/** What the archive has of a segment that was not full may be less than the backup brought itself. */
async function isWanted(file: WalFile, path: string): Promise<boolean> {
  if (!file.partial) return true;
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  return !isThere || (await filledBytes(file.path)) > (await filledBytes(path));
}
