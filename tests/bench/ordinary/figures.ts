import { median } from '../measure/median.ts';
import type { Crowd } from './crowd.ts';
import { measureUse, type Use } from './meter.ts';
import type { LoadPlan } from './plan.ts';

/** What the servers of a side, and its client, need for one message, or in one second without any. */
export interface Costs extends Omit<Use, 'seconds' | 'busiestClientUs'> {
  /** Of all servers together, milliseconds. */
  readonly cpuMs: number;
}

interface Delay {
  readonly p50: number;
  readonly p99: number;
}

/** One load on one side. */
export interface Figures {
  readonly inTime: number;
  readonly delivery: Delay;
  readonly acknowledgement: Delay;
  readonly costs: Costs;
  /** How far the client itself was behind its pace, 99 of 100 messages, milliseconds. */
  readonly lateP99: number;
  /** Of one core, while there were messages. */
  readonly clientShare: number;
  /** Share of the messages that were told to come again later. */
  readonly putOff: number;
  /** Share of the deliveries that never came, of messages never sent too. */
  readonly missing: number;
}

/** What the servers do within `tailMs` after the last answer counts too. */
export async function measureLoad(crowd: Crowd, plan: LoadPlan, tailMs: number): Promise<Figures> {
  const { result, use } = await measureUse(crowd.side.metered, tailMs, () => crowd.run(plan));
  const { inTime, missing, delivery, acknowledgement, lateP99, putOff } = result;
  const sent = Math.max(1, result.sent);
  return {
    inTime,
    missing,
    delivery: { p50: delivery.p50, p99: delivery.p99 },
    acknowledgement: { p50: acknowledgement.p50, p99: acknowledgement.p99 },
    costs: costsOf(use, sent),
    lateP99,
    clientShare: use.busiestClientUs / 1e6 / (use.seconds - tailMs / 1_000),
    putOff: putOff / sent,
  };
}

/** What a second costs when everybody is connected and nobody sends. */
export async function measureIdle(crowd: Crowd, seconds: number): Promise<Costs> {
  const { use } = await measureUse(crowd.side.metered, seconds * 1_000, () => Promise.resolve());
  return costsOf(use, use.seconds);
}

function costsOf(use: Use, divisor: number): Costs {
  const of = (total: number) => total / divisor;
  const cpuUs = Object.fromEntries(Object.entries(use.cpuUs).map(([name, us]) => [name, of(us)]));
  return {
    cpuMs: Object.values(cpuUs).reduce((sum, us) => sum + us, 0) / 1_000,
    cpuUs,
    wakeUps: of(use.wakeUps),
    commits: of(use.commits),
    walBytes: of(use.walBytes),
    pageImageBytes: of(use.pageImageBytes),
    natsMessages: of(use.natsMessages),
    redisCommands: of(use.redisCommands),
    clientUs: of(use.clientUs),
  };
}

/** The median of each figure by itself. @throws Error without samples. */
export function middle(samples: readonly Figures[]): Figures {
  return medianOf(samples) as Figures;
}

function medianOf(samples: readonly unknown[]): unknown {
  const [first] = samples;
  if (typeof first === 'number') return median(samples as readonly number[]);
  if (typeof first !== 'object' || first === null) throw new Error('nothing was measured');
  const trees = samples as readonly Readonly<Record<string, unknown>>[];
  return Object.fromEntries(Object.keys(first).map((name) => [name, medianOf(trees.map((tree) => tree[name]))]));
}
