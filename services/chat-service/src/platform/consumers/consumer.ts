import type { Sql, Transaction } from '../database/connect.ts';

export interface ConsumedEvent {
  readonly subject: string;
  readonly payload: Uint8Array;
}

/** How far a reconciliation is: everything committed since `since`, in pieces. */
export interface ReconcileState {
  readonly since: string;
  /** Where the next piece begins, in the consumer's own terms; null for the first one. */
  readonly cursor: string | null;
}

/**
 * A consumer of the stream. Events are hints, PostgreSQL is the record: an event may come twice, late, out of order, or
 * never.
 */
export interface ConsumerKind {
  readonly name: string;
  /** Of which events; wildcards work. */
  readonly subject: string;
  /** Handles a batch. Doing it again changes nothing. When it throws, the batch is tried in halves. */
  handle(events: readonly ConsumedEvent[]): Promise<void>;
  /**
   * Does a piece of what `handle` would have done for everything committed since `since`, and returns the cursor of the
   * next piece, null at the end. Called when events may have been missed: the stream was lost or overflowed, or the
   * consumer is new.
   */
  reconcile(tx: Transaction, state: ReconcileState): Promise<string | null>;
  /** Whether anybody has a use for it: before that it is not begun, and takes no events. Always when left out. */
  isNeeded?(sql: Sql): Promise<boolean>;
  /** Attempts at one event before it becomes a dead letter. 5 when left out. */
  readonly maxAttempts?: number;
  /** Events in a batch at the most. 256 when left out. */
  readonly batch?: number;
  /** How long events are gathered after a batch that was not full. Not at all when left out. */
  readonly gatherMs?: number;
}
