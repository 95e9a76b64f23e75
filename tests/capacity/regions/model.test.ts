import { expect, test } from 'vitest';
import { isWritten } from '../report/document.ts';
import { ACTS, actOf, LINES } from './acts.ts';
import { DISTANCES, LAST_MILE_MS } from './distances.ts';
import { LANES, medianAmongMany, msAt, msOf, PLACEMENTS } from './model.ts';
import { partsOfDistances } from './present-regions.ts';

const placed = (id: string) => PLACEMENTS.find((placement) => placement.id === id)!;

test('an act takes what it takes without distance, and each of its trips', () => {
  const act = { localMs: 7, trips: { client: 1, edge: 2, leaf: 0.5, database: 3, standby: 0 } };
  expect(msOf(act, {})).toBe(7);
  expect(msOf(act, { client: 20, edge: 100 })).toBe(7 + 20 + 200);
  expect(msOf(act, { leaf: 100, database: 10, standby: 1_000 })).toBe(7 + 50 + 30);
});

test('a gateway nearby makes no send faster: the request crosses the line all the same', () => {
  for (const { ms } of DISTANCES) {
    expect(msAt('ack', placed('one'), ms)).toBe(actOf('ack').localMs + LAST_MILE_MS + ms);
    for (const id of ['edge', 'leaf', 'database'])
      expect(msAt('ack', placed(id), ms)).toBe(msAt('ack', placed('one'), ms));
    expect(msAt('ack', placed('cell'), ms)).toBe(actOf('ack').localMs + LAST_MILE_MS);
  }
});

test('of a delivery each end has half of its own way, and of the line between them it goes one way', () => {
  expect(msAt('deliver', placed('one'), 100)).toBe(actOf('deliver').localMs + 10 + 10 + 50);
  expect(msAt('deliver', placed('edge'), 100)).toBe(actOf('deliver').localMs + 10 + 10 + 50);
  expect(msAt('deliver', placed('standby'), 100)).toBe(actOf('deliver').localMs + 10 + 10 + 100);
});

test('the median among many, by hand', () => {
  // A lane of 12.5 requests a second of 80 ms each: idle for e^-1 / 12.5 s = 29.4 ms between two, busy to 0.731.
  expect(medianAmongMany(80, 12.5 * LANES)).toBeCloseTo(80 + (80 * 0.231) / 0.731, 0);
  expect(medianAmongMany(80, 1)).toBe(80);
  expect(medianAmongMany(80, 1e6)).toBeCloseTo(120, 0);
});

test('trips are whole or halves, and more than none somewhere', () => {
  for (const { trips } of ACTS) {
    const counts = LINES.map((line) => trips[line]);
    expect(counts.every((count) => count >= 0 && Number.isInteger(count * 2))).toBe(true);
    expect(Math.max(...counts)).toBeGreaterThan(0);
  }
});

test.each(partsOfDistances().map((part) => [part.id, part] as const))(
  'docs/regions.md has the part "%s" as it is reckoned: `npm run capacity -- --distances` writes it',
  async (_id, part) => {
    expect(part.text).not.toMatch(/NaN|Infinity|undefined/);
    expect(await isWritten(part)).toBe(true);
  },
);
