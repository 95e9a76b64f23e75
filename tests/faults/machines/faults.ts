/** One machine of a stack goes: killed, paused or cut off, whichever of its kind the seed says. */
import { waitUntil } from '@messagecore/dev-servers';
import type { Scenario, Trouble } from '../scenario.ts';
import { BUSES, leaderOfStream } from './buses.ts';
import { CACHES, isCachePrimary } from './caches.ts';
import { DATABASES, isPrimary, WITNESS } from './databases.ts';
import type { Machine } from './machine.ts';
import { POOLERS } from './poolers.ts';
import { CHAT_SERVICES, GATEWAYS, isWell } from './services.ts';
import type { Stack } from './stack.ts';
import { unableToReplicate } from './tools.ts';

/** Which machine goes. */
interface Victim {
  readonly name: string;
  readonly what: string;
  choose(trouble: Trouble<Stack>): Promise<string>;
}

/** What happens to it, until the run heals it. */
interface Blow {
  readonly name: string;
  readonly what: string;
  strike(machine: Machine): Promise<void>;
}

const anyOf =
  (machines: readonly string[]): Victim['choose'] =>
  async ({ pick }) =>
    pick(machines);

const whose =
  (machines: readonly string[], is: (machine: string) => Promise<boolean>): Victim['choose'] =>
  async ({ pick }) => {
    const found: string[] = [];
    for (const machine of machines) if (await is(machine)) found.push(machine);
    if (found.length === 0) throw new Error(`none of ${machines.join(', ')} is the one`);
    return pick(found);
  };

const not = (is: (machine: string) => Promise<boolean>) => async (machine: string) => !(await is(machine));
const leads = async (machine: string) => (await leaderOfStream()) === machine;

const VICTIMS: readonly Victim[] = [
  { name: 'primary', what: 'PostgreSQL that takes writes', choose: whose(DATABASES, isPrimary) },
  { name: 'standby', what: 'the synchronous standby of PostgreSQL', choose: whose(DATABASES, not(isPrimary)) },
  { name: 'witness', what: 'the witness of Patroni’s elections', choose: anyOf([WITNESS]) },
  { name: 'pooler', what: 'one of two PgBouncers', choose: anyOf(POOLERS) },
  { name: 'nats-leader', what: 'the NATS server that leads the stream', choose: whose(BUSES, leads) },
  { name: 'nats-follower', what: 'another NATS server', choose: whose(BUSES, not(leads)) },
  { name: 'redis-primary', what: 'Redis that takes writes, and a Sentinel', choose: whose(CACHES, isCachePrimary) },
  { name: 'redis-replica', what: 'a replica of Redis, and a Sentinel', choose: whose(CACHES, not(isCachePrimary)) },
  { name: 'chat-service-machine', what: 'one of two chat-services', choose: anyOf(CHAT_SERVICES) },
  { name: 'gateway-machine', what: 'one of two gateways', choose: anyOf(GATEWAYS) },
];

const BLOWS: readonly Blow[] = [
  { name: 'killed', what: 'SIGKILL of everything on the machine of', strike: (machine) => machine.kill() },
  { name: 'paused', what: 'SIGSTOP of everything on the machine of', strike: (machine) => machine.pause() },
  { name: 'cut-off', what: 'Nothing gets to or from the machine of', strike: (machine) => machine.cut() },
];

/** Without the machine everything else is well after so long. */
const WELL_WITHIN_MS = 60_000;
const LOOK_MS = 250;
const REST_MS = 90_000;

export const MACHINE_FAULTS: readonly Scenario<Stack>[] = VICTIMS.flatMap((victim) =>
  BLOWS.map((blow) => ({
    name: `${victim.name}-${blow.name}`,
    what: `${blow.what} ${victim.what}, until all others are well without it`,
    isolated: true,
    restWithinMs: REST_MS,
    unable: unableToReplicate,
    fault: (trouble: Trouble<Stack>) => fault(trouble, victim, blow),
  })),
);

async function fault(trouble: Trouble<Stack>, victim: Victim, blow: Blow): Promise<void> {
  const { cluster, pause, limit, note, complain } = trouble;
  const name = await victim.choose(trouble);
  const machine = cluster.machines.get(name);
  if (machine === undefined) throw new Error(`no machine ${name}`);
  const struckAt = performance.now();
  await blow.strike(machine);
  // What holds no longer is noticed a moment later.
  await pause(500, 1_500);
  const others = [...CHAT_SERVICES, ...GATEWAYS].filter((each) => each !== name);
  const areWell = async () => (await Promise.all(others.map(isWell))).every(Boolean);
  const well = waitUntil('', areWell, { timeoutMs: limit(WELL_WITHIN_MS), everyMs: LOOK_MS });
  await well.catch(() =>
    complain('unwell', `without ${name} some service is not well for ${limit(WELL_WITHIN_MS)} ms`),
  );
  note(`without ${name} all others were well after ${((performance.now() - struckAt) / 1_000).toFixed(1)} s`);
  await pause(500, 2_000);
}
