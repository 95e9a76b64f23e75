/**
 * What a replay recorded, as plain data: the file's lines as they were sent, the answers to the sender, what the
 * database holds, what each observer saw. The checker has no other input.
 */

/** What a message refers to, by `seq`. */
export interface References {
  readonly replyTo?: number | undefined;
  readonly threadRoot?: number | undefined;
}

/** One line of the file, sent as one message. */
export interface SentMessage extends References {
  readonly mid: string;
  readonly cid: string;
  readonly from: string;
  readonly text: string;
}

/** A message as the database, the history route or a live frame gave it. `text` is undefined for kinds without one. */
export interface SeenMessage extends References {
  readonly seq: number;
  readonly mid: string;
  readonly from: string;
  readonly kind: string;
  readonly text: string | undefined;
}

/** What one observer saw of one conversation, in the order in which it came. */
export type ObservedEvent =
  | { readonly type: 'joined'; readonly since: number; readonly head: number }
  | { readonly type: 'gap'; readonly from: number; readonly to: number }
  | { readonly type: 'message'; readonly message: SeenMessage };

export interface Observation {
  readonly observer: string;
  readonly cid: string;
  readonly events: readonly ObservedEvent[];
}

/** A thread as the product tells it. */
export interface SeenThread {
  readonly seq: number;
  readonly replies: number;
  readonly members: number;
  readonly lastSeq: number | null;
}

export interface ReplayHistory {
  /** In the file's order for each conversation. */
  readonly sent: readonly SentMessage[];
  /** Every acknowledgement, repeats included. */
  readonly acks: readonly { readonly mid: string; readonly seq: number }[];
  /** Ascending by `seq` for each conversation. */
  readonly stored: ReadonlyMap<string, readonly SeenMessage[]>;
  readonly observations: readonly Observation[];
  /** By conversation; undefined where replies were not sent as such. */
  readonly threads?: ReadonlyMap<string, readonly SeenThread[]> | undefined;
}
