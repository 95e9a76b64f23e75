/** `npm run replay -- FILE`: a real conversation through the real product, and a verdict. See options.ts. */
import { seededRandom } from '@messagecore/testkit';
import { runCommand } from '../support/command-line.ts';
import { isClean } from './check/verdict.ts';
import { readChannels } from './dataset.ts';
import { openInstallation } from './installation.ts';
import { parseOptions, type ReplayOptions, USAGE } from './options.ts';
import { createProgress } from './progress.ts';
import { formatReport } from './report.ts';
import { runReplay } from './run-replay.ts';
import { victimsOf } from './victims.ts';

process.exitCode = await runCommand({ parseOptions, usage: USAGE, run: replay });

function print(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function replay(options: ReplayOptions): Promise<number> {
  const channels = await readChannels(options.file, options.limit);
  const lines = channels.reduce((sum, channel) => sum + channel.lines.length, 0);
  print(`${lines.toLocaleString('en')} lines in ${channels.length} channels; seed ${options.seed}`);
  const installation = await openInstallation(options, print);
  const stopped = stopOnSignal(installation.stop);
  try {
    const victims = options.chaosRounds === 0 ? [] : victimsOf(installation);
    const random = seededRandom(options.seed);
    const result = await runReplay({
      options,
      channels,
      installation,
      victims,
      random,
      progress: createProgress(),
      say: print,
    });
    process.stdout.write(`${formatReport(result)}\n`);
    return isClean(result.verdict) && result.refusals.length === 0 ? 0 : 1;
  } finally {
    stopped.release();
    await installation.stop();
  }
}

/** Ctrl-C stops the product too. */
function stopOnSignal(stop: () => Promise<void>): { release(): void } {
  const listener = () => void stop().finally(() => process.exit(130));
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, listener);
  return {
    release: () => {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}
