/** The alerts fire for real. A part of `npm run ops-test`; left out where Prometheus is not installed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BREAKAGES } from './breakages.ts';
import { fireIn } from './fire.ts';
import { inPlace } from './place.ts';
import { hasPrometheus, RULES } from './prometheus.ts';

const has = hasPrometheus();
const NEEDS = has ? '' : ' (left out: there is no Prometheus on this machine)';
/** One after the other in one place, so that it is made once: the later ones stop more. */
const IN_EVERY_RUN = ['remains', 'redis', 'nats'];
test('each alert is fired by a breakage', () => {
  const rules = readFileSync(join(RULES, 'alerts.rules.yml'), 'utf8');
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name!);
  expect([...new Set(BREAKAGES.flatMap(({ alerts: fired }) => fired))].sort()).toEqual(alerts.sort());
});

describe.runIf(has)(`what is broken is told of${NEEDS}`, () => {
  const chosen = IN_EVERY_RUN.map((wanted) => BREAKAGES.find(({ name }) => name === wanted)!);
  const title = chosen.map(({ name, what }) => `${name}: ${what}`).join('; ');

  test(title, { timeout: 600_000 }, () =>
    inPlace({}, async (place) => {
      for (const breakage of chosen) {
        expect({ [breakage.name]: (await fireIn(place, breakage, 180_000)).missing }).toEqual({ [breakage.name]: [] });
      }
    }),
  );
});
