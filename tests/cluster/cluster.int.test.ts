/** One run each of a machine that is lost, of every kind of server; `npm run cluster` has all faults, and more seeds. */
import { expect, test } from 'vitest';
import { MACHINE_FAULTS } from '../faults/machines/faults.ts';
import { unableToReplicate } from '../faults/machines/tools.ts';
import { SCENARIOS } from '../faults/scenarios.ts';
import { type Report, runWorkers } from '../faults/workers.ts';

const TELLING = ['nats-leader-killed', 'redis-primary-killed', 'primary-killed'];
const missing = await unableToReplicate();
const LEFT_OUT = missing === undefined ? '' : ` (left out: ${missing})`;
/** A lost PostgreSQL is waited for for 20 s, and the machine is busy. */
const PATIENCE = { timeout: 600_000 };

test.runIf(missing === undefined)(
  `without any one machine nothing acknowledged is lost, and all others are well again${LEFT_OUT}`,
  PATIENCE,
  async () => {
    const reports: Report[] = [];
    const failures: string[] = [];
    await runWorkers(
      MACHINE_FAULTS.filter(({ name }) => TELLING.includes(name)),
      { seeds: [1], parallel: 1, shared: true },
      {
        started: () => {},
        reported: async (_fault, report) => void reports.push(report),
        ended: (_fault, failure) => void (failure !== undefined && failures.push(failure)),
      },
    );

    expect(failures).toEqual([]);
    const findings = reports.flatMap(({ scenario, result }) => result.findings.map((finding) => [scenario, finding]));
    expect(findings).toEqual([]);
    expect(reports.map(({ scenario }) => scenario).toSorted()).toEqual(TELLING.toSorted());
    for (const { result } of reports) expect(result.figures.unknown).toBe(0);
  },
);

test('a name is that of one fault alone', () => {
  const names = [...SCENARIOS, ...MACHINE_FAULTS].map(({ name }) => name);
  expect(names).toHaveLength(new Set(names).size);
});
