/** `npm run layout`: how tables are laid out, measured on the migrated schema. See options.ts. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../support/command-line.ts';
import { measureLayouts } from './messages/measure-layouts.ts';
import { measureFreezing } from './messages/measure-freezing.ts';
import { measurePositions } from './positions/measure-positions.ts';
import { type LayoutOptions, type Part, parseOptions, USAGE } from './options.ts';
import { measureHeld } from './queues/measure-held.ts';
import { measureQueues } from './queues/measure-queues.ts';
import type { Place } from './run/server.ts';

async function layout(options: LayoutOptions): Promise<number> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'messagecore-layout-')));
  await mkdir(dir, { recursive: true });
  await chmod(dir, 0o755);
  try {
    for (const part of options.parts) {
      const text = await MEASURE[part]({ dir, memoryMb: options.memoryMb }, options);
      process.stdout.write(`\n${part}\n${text}\n`);
    }
    return 0;
  } finally {
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  }
}

const MEASURE: Record<Part, (place: Place, options: LayoutOptions) => Promise<string>> = {
  messages: measureLayouts,
  freezing: measureFreezing,
  positions: measurePositions,
  queues: measureQueues,
  held: measureHeld,
};

process.exitCode = await runCommand({ parseOptions, usage: USAGE, run: layout });
