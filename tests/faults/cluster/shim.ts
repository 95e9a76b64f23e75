import { closeSync, openSync, writeSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@messagecore/dev-servers';
import { childEnvironment } from '../../../deploy/dev/config.ts';

const SOURCE = join(import.meta.dirname, 'shim.c');

/** A slow disk and a wrong clock for the processes that have `env`; see shim.c. */
export interface Shim {
  readonly env: Readonly<Record<string, string>>;
  slowDisk(delayMs: number): void;
  shiftClock(byMs: number): void;
  heal(): void;
}

/** Compiles a shim of its own for processes that share a fate. @throws Error when there is no C compiler. */
export async function loadShim(dir: string, name: string): Promise<Shim> {
  const library = join(dir, `${name}.so`);
  const file = join(dir, `${name}.settings`);
  await run('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl'], { env: childEnvironment({}) });
  await writeFile(file, new Uint8Array(2 * BigInt64Array.BYTES_PER_ELEMENT));
  await chmod(file, 0o644);
  const settings = new BigInt64Array(2);
  const set = (place: number, value: bigint) => {
    settings[place] = value;
    const open = openSync(file, 'r+');
    writeSync(open, settings, 0, settings.byteLength, 0);
    closeSync(open);
  };
  return {
    env: { LD_PRELOAD: library, FAULTS_SHIM_FILE: file },
    slowDisk: (delayMs) => set(0, BigInt(Math.round(delayMs * 1_000))),
    shiftClock: (byMs) => set(1, BigInt(Math.round(byMs)) * 1_000_000n),
    heal: () => {
      set(0, 0n);
      set(1, 0n);
    },
  };
}

/** Undefined, or what is missing for it. */
export async function unableToShim(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'it needs Linux';
  const found = run('cc', ['--version'], { env: childEnvironment({}) });
  return found.then(
    () => undefined,
    () => 'it needs a C compiler (cc)',
  );
}
