import { figure } from '../report/svg.ts';
import type { Row, SectionResult } from '../section.ts';
import type { Disk } from './disk.ts';
import type { Shape } from './loads.ts';
import { BOUND_MS } from './plan.ts';

/** Highest rates held, messages a second; 0 when none was. */
export interface Highest {
  readonly shape: Shape;
  readonly ours: number;
  readonly plain: number;
}

export function presentHighest(found: readonly Highest[], disk: Disk): SectionResult {
  const rows = found.map(({ shape: { label }, ours, plain }): Row => ({
    what: `${label}: highest rate with p99 <= ${BOUND_MS} ms`,
    ours: `${figure(ours)} msg/s`,
    theirs: `plain ${figure(plain)} msg/s`,
    ratio: ours > 0 && plain > 0 ? `${figure(ours / plain)} x` : '',
  }));
  return {
    rows: [...diskRows(disk), ...rows],
    charts: [],
    notes: [
      `The rate is raised by steps until p99 from when a message was due to its receipt is above ${BOUND_MS} ms, and then narrowed to 12 %. One climb for each side.`,
    ],
  };
}

/** The disk that all sides share. */
export function diskRows({ sync, commit, delayMs }: Disk): Row[] {
  const row = (what: string, { p50, p99 }: Disk['sync']): Row => ({
    what,
    ours: '',
    theirs: `p50 ${figure(p50)} ms, p99 ${figure(p99)} ms`,
    ratio: '',
  });
  return [
    row('the disk: append 8 KiB and fdatasync', sync),
    row(delayMs === 0 ? '  one commit alone' : `  one commit alone, fdatasync ${delayMs} ms slower`, commit),
  ];
}
