import { beforeAll, describe, expect, test } from 'vitest';
import { type Act, ACTS } from './acts.ts';
import { measureLines, type RegionsRun, type ServerLine, tripsOf } from './measure-regions.ts';
import { partOfRegions } from './present-regions.ts';

/** Fifteen of it are less than half of what a call may take. */
const DISTANCE_MS = 120;
/** Of a trip, or of all of them, by which the fastest so far may be off: half a trip more or less is always found. */
const OFF = { less: 0.3, more: 0.45, ofAll: 0.07 };
const LINES: readonly ServerLine[] = ['edge', 'leaf', 'database', 'standby'];

const leastOf = ({ trips }: Act, line: ServerLine) => trips[line] - OFF.less;
const mostOf = ({ trips }: Act, line: ServerLine) => trips[line] + Math.max(OFF.more, OFF.ofAll * trips[line]);

let run: RegionsRun;

beforeAll(async () => {
  run = await measureLines({
    ...{ distanceMs: DISTANCE_MS, times: 2, say: () => {} },
    again: {
      rounds: 6,
      isEnough: (measured) =>
        ACTS.every((act) => {
          const trips = tripsOf(measured, act.id, DISTANCE_MS);
          return trips > leastOf(act, measured.line) && trips < mostOf(act, measured.line);
        }),
    },
  });
}, 600_000);

describe.each(LINES)('with the long line "%s"', (line) => {
  test.each(ACTS.map((act) => [act.id, act.trips[line], act] as const))('%s takes %d round trips', (id, _, act) => {
    const measured = run.lines.find((each) => each.line === line)!;
    const trips = tripsOf(measured, id, DISTANCE_MS);
    expect(trips).toBeGreaterThan(leastOf(act, line));
    expect(trips).toBeLessThan(mostOf(act, line));
  });
});

test('what was measured is reported', () => {
  const { text } = partOfRegions(run, '0');
  expect(text).toContain('a synchronous standby');
  expect(text).not.toMatch(/NaN|Infinity|undefined/);
});
