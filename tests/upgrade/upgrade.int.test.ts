/** From the version before to this one and half way back, under load. `npm run upgrade` has more of it. */
import { expect, test } from 'vitest';
import { hasCommit } from './earlier.ts';
import { runUpgrade } from './run-upgrade.ts';
import { PREVIOUS } from './versions.ts';

/** For a machine that is busy. */
const TIMEOUT_MS = 400_000;
/** Another test file runs beside this one. */
const CLUSTERS = 2;

const isThere = await hasCommit(PREVIOUS);
const why = isThere ? '' : ' (left out: no history of the version before in this clone)';

test.runIf(isThere)(
  `[OPS-6] services and SDKs of the version before work with these${why}`,
  { timeout: TIMEOUT_MS },
  async () => {
    const { findings, figures } = await runUpgrade(PREVIOUS, {}, CLUSTERS);

    expect(findings).toEqual([]);
    expect(figures.acknowledged).toBeGreaterThan(50);
    expect(figures.unknown).toBe(0);
  },
);
