import type { DevServer } from '@messagecore/dev-servers';
import type { Chart } from './report/chart.ts';

/** One figure of the benchmark, beside what it is held against. */
export interface Row {
  readonly what: string;
  /** What the product does, with its unit. */
  readonly ours: string;
  /** What the other way does in the same run; empty where there is none. */
  readonly theirs: string;
  /** How they compare, in words: `61 x`. */
  readonly ratio: string;
  /** The goal in words, and whether it is met; absent where there is none. */
  readonly goal?: Goal;
}

export interface Goal {
  readonly text: string;
  readonly met: boolean;
}

export interface SectionResult {
  readonly rows: readonly Row[];
  readonly charts: readonly Chart[];
  /** How it was measured, for people who want to judge the figures. */
  readonly notes: readonly string[];
  /** Versions of the servers that took part. */
  readonly versions?: Readonly<Record<string, string>>;
}

/** What a section gets to work with. */
export interface BenchContext {
  /** Shorter rounds and smaller sizes: shows that all of it works, not what it is worth. */
  readonly quick: boolean;
  /** Reports progress. */
  readonly say: (line: string) => void;
  /** A folder that is deleted afterwards. */
  readonly workDir: string;
  /** A PostgreSQL that sections share, each with a database of its own in it; each starts its own where there is none. */
  readonly postgres?: DevServer | undefined;
  /** What the section `ordinary` does otherwise than it would. */
  readonly ordinary?: OrdinaryOptions | undefined;
  /** Things to stop when the section is over, in reverse order. */
  readonly cleanup: AsyncDisposableStack;
}

export interface OrdinaryOptions {
  readonly rounds?: number | undefined;
  /** Looks for the highest rates held instead of measuring the loads. */
  readonly highest?: boolean;
  /** Added to every fdatasync of PostgreSQL, milliseconds. */
  readonly fdatasyncDelayMs?: number | undefined;
}

/** A part of the benchmark that can be run alone. */
export interface Section {
  readonly id: SectionId;
  readonly title: string;
  run(context: BenchContext): Promise<SectionResult>;
}

export const SECTION_IDS = [
  'write',
  'fanout',
  'way',
  'memory',
  'storm',
  'drain',
  'hostile',
  'people',
  'history',
  'reads',
  'live',
  'sign-ins',
  'sign-ins-apart',
  'effects',
  'telemetry',
  'ordinary',
] as const;
export type SectionId = (typeof SECTION_IDS)[number];
