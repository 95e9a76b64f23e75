import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, constants, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hostEnvironment } from '../config.ts';
import type { Log } from '../log.ts';
import { isAlive } from '../process-info.ts';
import { waitUntil } from '../wait.ts';

const REPOSITORY_CACHE = join(import.meta.dirname, '../../../../.cache');
const LOCK_TIMEOUT_MS = 15 * 60_000;
/** Whoever holds a lock renews its time so often; one not renewed for long is nobody's, whatever number is in it. */
const RENEW_MS = 5_000;
const ABANDONED_MS = 60_000;

/** The repository's `.cache/`, or the user's own cache where the repository belongs to somebody else. */
export async function cacheFolder(): Promise<string> {
  try {
    await mkdir(REPOSITORY_CACHE, { recursive: true });
    await access(REPOSITORY_CACHE, constants.W_OK);
    return REPOSITORY_CACHE;
  } catch {
    return join(hostEnvironment().userCache, 'messagecore');
  }
}

/**
 * The folder `entry`, filled once by `fill` for all processes that want it.
 *
 * An entry that exists is whole: it is filled under another name and then renamed. A lock beside it spares the others
 * the work; it is no more than that, so taking over the lock of a process that died can cost work, never a broken entry.
 *
 * @throws whatever `fill` throws; nothing of the attempt is left then.
 */
export async function cached(entry: string, fill: (folder: string) => Promise<void>, log: Log): Promise<string> {
  if (existsSync(entry)) return entry;
  await mkdir(dirname(entry), { recursive: true });
  const unlock = await lock(`${entry}.lock`, log);
  const folder = `${entry}.${randomUUID()}`;
  try {
    if (existsSync(entry)) return entry;
    await mkdir(folder);
    await fill(folder);
    await rename(folder, entry).catch((error: unknown) => {
      if (!existsSync(entry)) throw error;
    });
    return entry;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await unlock();
  }
}

async function lock(path: string, log: Log): Promise<() => Promise<void>> {
  const holder = join(path, 'pid');
  let logged = false;
  const take = async () => {
    try {
      await mkdir(path);
      await writeFile(holder, String(process.pid));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = Number(await readFile(holder, 'utf8').catch(() => ''));
    if ((pid > 0 && !isAlive(pid)) || (await isAbandoned(path))) {
      const abandoned = `${path}.${randomUUID()}`;
      await rename(path, abandoned).catch(() => {});
      await rm(abandoned, { recursive: true, force: true });
    } else if (!logged) {
      logged = true;
      log(`waiting for process ${pid}, which is fetching the same`);
    }
    return false;
  };
  await waitUntil(`the lock ${path}`, take, { timeoutMs: LOCK_TIMEOUT_MS, everyMs: 200 });
  const renewal = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), RENEW_MS).unref();
  return async () => {
    clearInterval(renewal);
    await rm(path, { recursive: true, force: true });
  };
}

/** Its holder died between taking it and writing its number, or the number belongs to another program by now. */
async function isAbandoned(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
  return Date.now() - mtimeMs > ABANDONED_MS;
}
