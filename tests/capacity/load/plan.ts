import type { OpenLoopPlan, OpenLoopResult } from '../../bench/way/open-loop.ts';

/** Who connects, and what each does. */
export interface LoadPlan {
  readonly protocol: string;
  /** Receivers join their conversation. */
  readonly receivers: readonly { readonly url: string; readonly cid: string }[];
  readonly senders: readonly { readonly url: string; readonly cid: string }[];
  /** How many receivers each message has. */
  readonly receiversPerMessage: number;
  /** Of so many receivers one measures the delay; the others count only. */
  readonly measuredShare: number;
}

export interface LoadResult extends OpenLoopResult {
  /** Messages that receivers got. */
  readonly delivered: number;
  /** Messages that receivers should have got and did not, though there was time. */
  readonly lost: number;
  readonly refused: number;
}

export interface LoadAnswers {
  readonly [name: string]: (argument: never) => unknown;
  readonly connect: (plan: LoadPlan) => Promise<void>;
  readonly run: (plan: OpenLoopPlan) => Promise<LoadResult>;
}
