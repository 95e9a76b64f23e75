import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Smaller ones do not matter. */
const LARGE = 1_048_576;

/**
 * The operating system writes what it has cached of the files in this folder, and forgets it, as far as it can be asked to
 * (`sync` and `dd` of GNU).
 */
export async function forgetCached(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || ((await stat(path).catch(() => undefined))?.size ?? 0) < LARGE) continue;
    await run('sync', [path]).catch(() => {});
    await run('dd', [`if=${path}`, 'iflag=nocache', 'count=0']).catch(() => {});
  }
}
