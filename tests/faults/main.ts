/** `npm run faults`: see options.ts. */
import { acquire, NATS, PGBOUNCER, REDIS } from '@messagecore/dev-servers';
import { FAULTS } from './options.ts';
import { SCENARIOS } from './scenarios.ts';
import { runSuite } from './suite.ts';

const suite = {
  wording: FAULTS,
  scenarios: SCENARIOS,
  shared: false,
  fetch: async (scenarios: typeof SCENARIOS) => {
    const pooled = scenarios.some(({ cluster }) => cluster?.pooled === true);
    for (const server of [NATS, REDIS, ...(pooled ? [PGBOUNCER] : [])]) await acquire(server);
  },
};

process.exitCode = await runSuite(suite, process.argv.slice(2));
