import { expect, test } from 'vitest';
import { inWorkplace } from '../bench/workplace.ts';
import { measureCapacity } from './measure.ts';
import { partOfCapacity } from './report/present-capacity.ts';
import { partOfSoak } from './report/present-soak.ts';
import { SHAPE_IDS, shapeOf } from './shape.ts';
import { soak } from './soak/soak.ts';

/** Small and short: that all is delivered, measured and reported, not how good the figures are. */
test.each(SHAPE_IDS)('the shape "%s" is measured and reported', { timeout: 180_000 }, async (id) => {
  const shape = shapeOf(id, true);
  const capacity = await inWorkplace({ quick: true, say: () => {} }, (context) =>
    measureCapacity(context, shape, { profile: true, rate: 40 }),
  );

  const [step] = capacity.steps;
  expect(step?.load).toMatchObject({ missing: 0, lost: 0, refused: 0, sent: 40 });
  expect(step?.load.delivered).toBe(40 * shape.perMessage);
  expect(Object.values(step!.use.cpuUs).every((us) => us >= 0)).toBe(true);
  const { text, pictures } = partOfCapacity(capacity, '0');
  expect(text).toContain(shape.unit);
  expect(pictures.map(({ name }) => name).sort()).toContain(`flame-${id}-gateway-out`);
  for (const { svg } of pictures) expect(svg).not.toMatch(/="[^"]*(?:NaN|Infinity|undefined)|file:/);
});

test('people come and go, nothing is lost, and memory is reported', { timeout: 180_000 }, async () => {
  const result = await inWorkplace({ quick: true, say: () => {} }, (context) => soak(context, 0.05));

  expect(result.counts).toMatchObject({ lost: 0, repeated: 0, refused: 0 });
  expect(result.counts.visits).toBeGreaterThan(20);
  expect(result.counts.delivered).toBeGreaterThan(0);
  const { text, pictures } = partOfSoak(result, '0');
  expect(text).not.toMatch(/NaN|Infinity/);
  expect(pictures[0]?.svg).toContain('polyline');
});
