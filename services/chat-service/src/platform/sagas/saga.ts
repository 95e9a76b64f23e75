import type { Transaction } from '../database/connect.ts';

/** What one run of a step did. */
export interface StepResult<S> {
  /** Handed to the next run. */
  readonly state: S;
  /** False when the step has more to do: it runs again. */
  readonly done: boolean;
  /** Added to the saga's progress. */
  readonly progress?: number;
  /** The next run comes not before so many milliseconds; at once when left out. */
  readonly restMs?: number;
}

/**
 * A step does a bounded part of its work in a transaction and is called again until it is done. What it causes outside of
 * the database it must be able to repeat: the process may die between the effect and the commit.
 */
export interface SagaStep<S> {
  readonly name: string;
  run(tx: Transaction, state: S): Promise<StepResult<S>>;
  /** Takes back what the step did, also half of it. Left out where there is nothing to take back. */
  undo?(tx: Transaction, state: S): Promise<StepResult<S>>;
}

export interface SagaKind<S> {
  readonly kind: string;
  readonly steps: readonly SagaStep<S>[];
  /** Attempts of one run of a step before what was done is undone. */
  readonly maxAttempts?: number;
}

/** A kind of saga among others, each with a state of its own. */
export type AnySaga = SagaKind<never>;

/** What a step hands on is read back by the same kind alone, so that whoever runs it need not know its type. */
export function anySaga<S>(kind: SagaKind<S>): AnySaga {
  return kind as unknown as AnySaga;
}

export type SagaStatus = 'running' | 'compensating' | 'done' | 'undone' | 'failed';

export interface SagaView {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly status: SagaStatus;
  /** Name of the step under way; null when the saga has ended. */
  readonly step: string | null;
  readonly progress: number;
  readonly total: number | null;
  readonly error: string | null;
}
