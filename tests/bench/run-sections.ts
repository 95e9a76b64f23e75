import type { BenchOptions } from './options.ts';
import { loadAverage } from './report/machine.ts';
import type { Outcome } from './report/report.ts';
import type { BenchContext } from './section.ts';
import { SECTIONS } from './sections.ts';
import { inWorkplace } from './workplace.ts';

/** A section that takes longer hangs. */
const SECTION_TIMEOUT_MS = 12 * 60_000;
/** Of `ordinary`: with more rounds, more time. */
const USUAL_ROUNDS = 3;

/** Runs the sections one after the other, each with a folder of its own. One that fails leaves the others alone. */
export async function runSections(
  {
    only,
    quick,
    ordinary,
    postgres,
  }: Pick<BenchOptions, 'only' | 'quick'> & Pick<BenchContext, 'ordinary' | 'postgres'>,
  printLine: (line: string) => void = printToStderr,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const startedAt = performance.now();
  const timeoutMs = SECTION_TIMEOUT_MS * Math.max(1, (ordinary?.rounds ?? 0) / USUAL_ROUNDS);
  for (const section of SECTIONS.filter(({ id }) => only.includes(id))) {
    const print = (line: string) => {
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      printLine(`${String(seconds).padStart(4)} s  ${section.id.padEnd(6)}  ${line}`);
    };
    print(`${section.title} (load of the machine: ${loadAverage()})`);
    try {
      const result = await inWorkplace({ quick, say: print, postgres, ordinary }, (context) =>
        withinTime(section.run(context), timeoutMs),
      );
      outcomes.push({ section, result });
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      print(`failed: ${failure.stack ?? failure.message}`);
      outcomes.push({ section, result: failure });
    }
  }
  return outcomes;
}

function printToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('took too long')), timeoutMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
