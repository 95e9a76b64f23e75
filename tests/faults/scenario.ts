import type { Random } from '@messagecore/kernel';
import type { Cluster, ClusterOptions } from './cluster/cluster.ts';
import type { Era } from './eras.ts';
import type { Place } from './place.ts';
import type { Crowd } from './workload/crowd.ts';
import type { Load } from './workload/load.ts';

/** What is known of a scenario beside its fault. */
export interface Outline {
  /** Kebab case; the name of its file. */
  readonly name: string;
  /** One sentence: what goes wrong. */
  readonly what: string;
  /** What is different from the ordinary load. */
  readonly load?: Partial<Load>;
  /** The fault goes on until everything has come to rest under it. */
  readonly lasting?: boolean;
  /** Everything has to be at rest so long after the fault; 20 s when left out. */
  readonly restWithinMs?: number;
  /** It needs a network and mounts of its own; see isolate.ts. */
  readonly isolated?: boolean;
  /** It takes the whole machine: no other scenario runs beside it. */
  readonly alone?: boolean;
  /** Whether this machine can do it: undefined, or what is missing. */
  readonly unable?: () => Promise<string | undefined>;
}

/** A fault, told so that it reads as a page of prose. */
export interface Scenario<P extends Place = Cluster> extends Outline {
  /** What the cluster needs to have for it. */
  readonly cluster?: ClusterOptions;
  /** Injects it. When it settles the fault is over: the cluster is healed and measured from there. */
  readonly fault: (trouble: Trouble<P>) => Promise<void>;
}

/** What a fault has at hand. */
export interface Trouble<P extends Place = Cluster> {
  readonly cluster: P;
  readonly crowd: Crowd;
  readonly random: Random;
  /** Lets time pass: a random number of milliseconds from `min` to `max`. */
  pause(min: number, max?: number): Promise<void>;
  pick<T>(items: readonly T[]): T;
  /** A time limit, milliseconds: as many times as long as there are clusters on this machine. */
  limit(ms: number): number;
  /** Done when the run heals: takes back what the cluster knows nothing of. */
  onHeal(undo: () => Promise<void> | void): void;
  /** Done when everything is at rest: judges what no history shows. */
  onRest(check: () => Promise<void>): void;
  /** PostgreSQL now holds an earlier state; see eras.ts. */
  restored(era: Era): void;
  /** Something worth telling beside the figures. */
  note(what: string): void;
  /** A violation that the history does not show. */
  complain(rule: string, detail: string): void;
}
