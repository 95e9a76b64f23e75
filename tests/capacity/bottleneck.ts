import { availableParallelism } from 'node:os';
import { figure } from '../bench/report/svg.ts';
import type { Use } from './watch.ts';

/** Shares from which on something counts as used up: the rest goes to waiting for a turn. */
const CORE = 0.85;
const MACHINE = 0.92;
const LATE_MS = 200;
const WAITED = 0.3;

/** Names what gave way in a step that did not hold: the first of what is used up, from the hardware up. */
export function bottleneckOf({ machine, busiest, cpuUs, loopMs, waits, unpublished }: Use): string {
  const [thread] = busiest;
  const largest = Object.entries(cpuUs)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3);
  const total = Object.values(cpuUs).reduce((sum, us) => sum + us, 0);
  const shares = largest.map(([part, us]) => `${part} ${percent(us / total)}`).join(', ');
  if (machine >= MACHINE) {
    return `the machine: all ${availableParallelism()} cores were busy (${percent(machine)}), with ${shares} of it`;
  }
  if (thread !== undefined && thread.share >= CORE) return `${thread.name}: ${percent(thread.share)} of a core`;
  const late = loopMs.toSorted((a, b) => b.ms - a.ms)[0];
  if (late !== undefined && late.ms >= LATE_MS) return `the event loop of ${late.name}: ${figure(late.ms)} ms late`;
  const wait = waits.find(([name]) => name !== 'CPU');
  if (wait !== undefined && wait[1] >= WAITED)
    return `PostgreSQL waiting for ${wait[0]}: ${percent(wait[1])} of the time`;
  if (unpublished > 0) return `publication: ${unpublished.toLocaleString('en')} ranges waited for the bus`;
  return `nothing that was measured: the machine was busy for ${percent(machine)}, ${thread?.name ?? 'no thread'} for ${percent(thread?.share ?? 0)}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
