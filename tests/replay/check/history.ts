/**
 * What a replay recorded, as plain data: the file's lines as they were sent, the answers to the sender, what the
 * database holds, what each observer saw. The checker has no other input.
 */

/** One line of the file, sent as one message. */
export interface SentMessage {
  readonly mid: string;
  readonly cid: string;
  readonly from: string;
  readonly text: string;
}

/** A message as the database, the history route or a live frame gave it. `text` is undefined for kinds without one. */
export interface SeenMessage {
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

export interface ReplayHistory {
  /** In the file's order for each conversation. */
  readonly sent: readonly SentMessage[];
  /** Every acknowledgement, repeats included. */
  readonly acks: readonly { readonly mid: string; readonly seq: number }[];
  /** Ascending by `seq` for each conversation. */
  readonly stored: ReadonlyMap<string, readonly SeenMessage[]>;
  readonly observations: readonly Observation[];
}
