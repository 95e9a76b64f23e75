/**
 * What an observer of the running product can write down: requests and their answers, and the frames each session was
 * given. check-history.ts reads nothing but this and the final database. `at` is any clock that all recorders share.
 */

/** How a send ended. `unknown`: no answer came, so it may or may not be stored. */
export type SendOutcome = 'acknowledged' | 'refused' | 'unknown';

/** One send, from its first transmission to its last answer; retries with the same `mid` are one send. */
export interface SendOperation {
  readonly type: 'send';
  readonly session: string;
  readonly cid: string;
  readonly mid: string;
  readonly from: string;
  /** The body as text, or a digest of it; compared for equality with the database's. */
  readonly body: string;
  /** Of a reply in a thread. */
  readonly threadRoot?: number;
  readonly invokedAt: number;
  readonly outcome: SendOutcome;
  /** When the last answer came; for `unknown`, when the sender gave up. */
  readonly endedAt: number;
  /** For `acknowledged`. */
  readonly seq?: number;
  /** True when the frame was transmitted once only, so that the order of its session's pipeline applies. */
  readonly firstTry: boolean;
}

/** A `joined` frame: starts a new view. `since` is undefined for a live-only join. */
export interface JoinedOperation {
  readonly type: 'joined';
  readonly session: string;
  readonly cid: string;
  readonly since?: number;
  readonly rev?: number;
  readonly head: number;
  readonly headRev: number;
  readonly epoch: number;
  readonly at: number;
}

export interface MessageOperation {
  readonly type: 'message';
  readonly session: string;
  readonly cid: string;
  readonly seq: number;
  readonly mid: string;
  readonly from: string;
  readonly body: string;
  /** What `stateOf` says. */
  readonly state?: string;
  readonly rev: number;
  readonly at: number;
}

export interface UpdateOperation {
  readonly type: 'update';
  readonly session: string;
  readonly cid: string;
  readonly seq: number;
  readonly rev: number;
  readonly body: string;
  /** What `stateOf` says. */
  readonly state?: string;
  readonly at: number;
}

export interface GapOperation {
  readonly type: 'gap';
  readonly session: string;
  readonly cid: string;
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

/** The view ends: left, removed or disconnected. */
export interface EndedOperation {
  readonly type: 'ended';
  readonly session: string;
  /** Absent when the whole session ended. */
  readonly cid?: string;
  readonly at: number;
}

export type Operation =
  | SendOperation
  | JoinedOperation
  | MessageOperation
  | UpdateOperation
  | GapOperation
  | EndedOperation;

export interface StoredMessage {
  readonly seq: number;
  readonly mid: string;
  readonly from: string;
  readonly body: string;
  /** What `stateOf` says; not compared where either side leaves it out. */
  readonly state?: string;
  readonly threadRoot?: number;
  readonly rev: number;
}

/** A conversation as the database holds it when everything has come to rest. `messages` ascend by `seq`. */
export interface FinalConversation {
  readonly cid: string;
  readonly head: number;
  readonly rev: number;
  readonly epoch: number;
  /** Oldest message still kept. */
  readonly first: number;
  readonly messages: readonly StoredMessage[];
}

export interface History {
  /** In the order of recording; operations of one session in the order that session saw them. */
  readonly operations: readonly Operation[];
  readonly final: readonly FinalConversation[];
  /** Messages that nobody sent but the product wrote itself (kind `sys`) are told apart by this. */
  readonly isSystem?: (message: StoredMessage) => boolean;
}
