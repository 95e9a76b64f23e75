/**
 * A limit on the memory of PostgreSQL's processes, the cache of files that they read included (a memory cgroup). Only root on
 * Linux can set it.
 */
import { existsSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface MemoryLimit {
  /** Puts processes under the limit. What they start is under it as well. */
  add(pids: readonly number[]): Promise<void>;
  /** To be called when the processes have ended. */
  remove(): Promise<void>;
}

const ROOT = '/sys/fs/cgroup';
/** Of cgroups version 1 and 2. */
const HIERARCHIES = [
  { root: join(ROOT, 'memory'), file: 'memory.limit_in_bytes' },
  { root: ROOT, file: 'memory.max' },
];

/** Undefined where there is no way to. */
export async function limitMemory(megabytes: number): Promise<MemoryLimit | undefined> {
  for (const { root, file } of HIERARCHIES) {
    if (!existsSync(join(root, 'cgroup.procs'))) continue;
    const group = join(root, `messagecore-layout-${process.pid}`);
    try {
      await mkdir(group);
      await writeFile(join(group, file), String(megabytes * 1_048_576));
      return limitOf(group);
    } catch {
      await rmdir(group).catch(() => {});
    }
  }
  return undefined;
}

function limitOf(group: string): MemoryLimit {
  return {
    async add(pids) {
      for (const pid of pids) await writeFile(join(group, 'cgroup.procs'), String(pid)).catch(ignoreEnded);
    },
    remove: () => rmdir(group),
  };
}

function ignoreEnded(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ESRCH') throw error;
}
