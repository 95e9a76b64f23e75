/** `npm run ops-test`: see options.ts. */
import { runCommand } from '../support/command-line.ts';
import { BREAKAGES } from './breakages.ts';
import { fire } from './fire.ts';
import { type OpsOptions, parseOptions, USAGE } from './options.ts';
import { hasPrometheus } from './prometheus.ts';

process.exitCode = await runCommand({ parseOptions, usage: USAGE, run: breakAll });

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function breakAll({ only, list, timeoutS }: OpsOptions): Promise<number> {
  const chosen = BREAKAGES.filter(({ name }) => only.length === 0 || only.includes(name));
  if (list) {
    for (const { name, what, alerts } of chosen) print(`${name.padEnd(22)} ${what}: ${alerts.join(', ')}`);
    return 0;
  }
  if (!hasPrometheus()) throw new Error('there is no Prometheus on this machine (Debian: prometheus)');
  let failed = 0;
  for (const breakage of chosen) {
    const { missing, seconds } = await fire(breakage, timeoutS * 1_000);
    const outcome = missing.length === 0 ? `after ${seconds.toFixed(0)} s` : `NOT: ${missing.join(', ')}`;
    print(`${breakage.name.padEnd(22)} ${breakage.alerts.join(', ')}: ${outcome}`);
    if (missing.length > 0) failed += 1;
  }
  print(`${chosen.length - failed} of ${chosen.length} were told of`);
  return failed === 0 ? 0 : 1;
}
