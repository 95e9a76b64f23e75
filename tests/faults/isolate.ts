import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FaultsOptions } from './options.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

/**
 * Runs a scenario in a network and among mounts of its own, so that it may lose packets and fill disks without anybody
 * else noticing, and nothing is left behind whatever happens. Results come by their files. Needs root on Linux.
 */
export async function isolate(scenario: string, { seeds, from }: FaultsOptions): Promise<void> {
  const args = ['--scenario', scenario, '--seeds', String(seeds), '--from', String(from), '--isolated'];
  const inside = 'ip link set lo up && exec "$0" "$@"';
  const child = spawn('unshare', ['--net', '--mount', 'sh', '-c', inside, process.execPath, MAIN, ...args], {
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${scenario} ended with ${code} in its own network`);
}

/** Undefined, or what is missing for it. */
export async function unableToIsolate(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux';
  return undefined;
}
