/** `npm run cluster`: see tests/faults/options.ts. */
import { MACHINE_FAULTS } from '../faults/machines/faults.ts';
import { findTools } from '../faults/machines/tools.ts';
import { CLUSTER } from '../faults/options.ts';
import { runSuite } from '../faults/suite.ts';

const suite = {
  wording: CLUSTER,
  scenarios: MACHINE_FAULTS,
  shared: true,
  fetch: async (faults: typeof MACHINE_FAULTS) => {
    if (faults.length > 0) await findTools();
  },
};

process.exitCode = await runSuite(suite, process.argv.slice(2));
