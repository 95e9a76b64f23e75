import cliProgress from 'cli-progress';

/** Bars on standard error: one of all seeds, and one of each scenario that runs. */
export interface Progress {
  started(scenario: string): void;
  /** One more seed of it is done. */
  advanced(scenario: string, violations: number): void;
  ended(scenario: string): void;
  /** Says something without breaking the bars. */
  say(text: string): void;
  stop(): void;
}

const NAME_WIDTH = 32;
/** How often bars are printed where there is no terminal. */
const LINES_EVERY_MS = 30_000;
const ALL = 'all';
const FORMAT = '{name} {bar} {value} of {total} seeds  {violations} violations';

export function createProgress(scenarios: number, seeds: number): Progress {
  const bars = new cliProgress.MultiBar({
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: LINES_EVERY_MS,
    hideCursor: true,
    clearOnComplete: true,
    format: `${FORMAT}  {duration_formatted}`,
  });
  const total = bars.create(
    scenarios * seeds,
    0,
    { name: ALL.padEnd(NAME_WIDTH), violations: 0 },
    { format: `${FORMAT}  {eta_formatted} left` },
  );
  const running = new Map<string, { readonly bar: cliProgress.SingleBar; violations: number }>();
  let all = 0;
  return {
    started: (scenario) => {
      const bar = bars.create(seeds, 0, { name: scenario.padEnd(NAME_WIDTH), violations: 0 });
      running.set(scenario, { bar, violations: 0 });
    },
    advanced: (scenario, violations) => {
      all += violations;
      total.increment(1, { violations: all });
      const own = running.get(scenario);
      if (own === undefined) return;
      own.violations += violations;
      own.bar.increment(1, { violations: own.violations });
    },
    ended: (scenario) => {
      const own = running.get(scenario);
      if (own !== undefined) bars.remove(own.bar);
      running.delete(scenario);
    },
    say: (text) => {
      if (process.stderr.isTTY) bars.log(`${text}\n`);
      else process.stdout.write(`${text}\n`);
    },
    stop: () => bars.stop(),
  };
}
