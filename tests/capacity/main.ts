/** `npm run capacity`: how much the product carries on this machine, and what gives way first. See options.ts. */
import { loadAverage } from '../bench/report/machine.ts';
import { inWorkplace } from '../bench/workplace.ts';
import { runCommand } from '../support/command-line.ts';
import { partOfDay } from './day/present-day.ts';
import { measureCapacity } from './measure.ts';
import { type CapacityOptions, parseOptions, USAGE } from './options.ts';
import { partOfPlan } from './plan/present-plan.ts';
import { measureRegions } from './regions/measure-regions.ts';
import { partOfRegions, partsOfDistances } from './regions/present-regions.ts';
import { type Part, writePart } from './report/document.ts';
import { partOfCapacity } from './report/present-capacity.ts';
import { partOfSoak } from './report/present-soak.ts';
import { shapeOf } from './shape.ts';
import { soak } from './soak/soak.ts';

process.exitCode = await runCommand({ parseOptions, usage: USAGE, run: capacity });

async function capacity(options: CapacityOptions): Promise<number> {
  for await (const part of measure(options)) {
    process.stdout.write(`\n${part.text}\n`);
    if (options.write) await writePart(part);
  }
  return 0;
}

async function* measure({
  shapes,
  quick,
  soakMinutes,
  plan,
  day,
  regions,
  ...options
}: CapacityOptions): AsyncGenerator<Part> {
  if (plan) return yield partOfPlan();
  if (day) return yield partOfDay();
  if (regions !== undefined) yield* partsOfDistances();
  if (regions === 'measured') yield partOfRegions(await measureRegions({ quick, say: print }), loadAverage());
  if (regions !== undefined) return;
  const load = loadAverage();
  if (soakMinutes !== undefined) {
    yield partOfSoak(await inWorkplace({ quick, say: print }, (context) => soak(context, soakMinutes)), load);
    return;
  }
  for (const id of shapes) {
    const shape = shapeOf(id, quick);
    const capacity = await inWorkplace({ quick, say: print }, (context) => measureCapacity(context, shape, options));
    yield partOfCapacity(capacity, load);
  }
}

function print(line: string): void {
  const seconds = Math.round(performance.now() / 1_000);
  process.stderr.write(`${String(seconds).padStart(4)} s  ${line}\n`);
}
