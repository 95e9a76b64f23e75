import type { LatencySummary } from '../measure/latency.ts';

/** How long a delivery may take so that it counts, milliseconds. */
export const BOUND_MS = 200;

/** Users who have joined a conversation, a socket each; in bare NATS one connection publishes for all. */
export interface JoinPlan {
  readonly wire: 'ours' | 'plain' | 'bare';
  readonly members: readonly { readonly url: string; readonly cid: string; readonly user: string }[];
  /** How often each message comes back to this process. */
  readonly receipts: number;
}

/** In bare NATS: one subscription for each member of each conversation. */
export interface SubscribePlan {
  readonly url: string;
  readonly cids: readonly string[];
  /** Of each conversation. */
  readonly members: number;
}

export interface LoadPlan {
  /** Messages a second, evenly spaced, sent when they are due however late the answers are. */
  readonly rate: number;
  readonly seconds: number;
}

export interface LoadRun extends LoadPlan {
  /** When the first message is due, by the monotonic clock of the machine, which all processes read: milliseconds. */
  readonly startAt: number;
  /** Index of the first message: what comes late from the run before is not taken for this one's. */
  readonly base: number;
}

/** What came in one process. Milliseconds from when a message was due; what never came counts with the time waited. */
export interface Received extends LatencySummary {
  /** How many came within `BOUND_MS`. */
  readonly inTime: number;
  /** How many came at all. */
  readonly came: number;
}

export interface Sent {
  readonly sent: number;
  readonly delivery: Received;
  readonly acknowledgement: Received;
  /** How late messages left, 99 of 100: how far the client itself held the pace. */
  readonly lateP99: number;
  /** Answers that said to come again later; the message was sent again then. */
  readonly putOff: number;
}

/** What is added to `performance.now()` of this process to get the monotonic clock of the machine, milliseconds. */
export function clockOffset(): number {
  return Number(process.hrtime.bigint()) / 1e6 - performance.now();
}

/** Where the receiver of bare NATS answers. */
export const ANSWERS = 'bench.ordinary.answers';

export function subjectOf(cid: string): string {
  return `bench.ordinary.in.${cid}`;
}
