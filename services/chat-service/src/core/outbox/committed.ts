/** What the write path hands on after a commit, and to whom. */

/** Consecutive `seq` (topic `msg`) or `rev` (`upd`) of one conversation, with a frame for each. */
export interface CommittedRange {
  readonly tid: string;
  readonly cid: string;
  readonly topic: 'msg' | 'upd';
  readonly first: number;
  readonly last: number;
  readonly frames: readonly string[];
  /** Those of them that are part of recorded traces; left out where there are none. */
  readonly traces?: readonly TracedMessage[];
}

/** A message of a recorded trace: its number, and the W3C header by which the trace goes on. */
export interface TracedMessage {
  readonly number: number;
  readonly traceparent: string;
}

/** One transaction's ranges; its outbox row is deleted when all of them are published. */
export interface Committed {
  readonly outboxId: number;
  readonly ranges: readonly CommittedRange[];
}

/**
 * Takes what was just committed, for one conversation in the order of the commits. Returns at once, keeps a bounded
 * amount and never throws: whatever it drops is still in the outbox.
 */
export type Publish = (committed: Committed) => void;
