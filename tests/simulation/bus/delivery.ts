import type { ChatError } from '@messagecore/protocol';

export interface Delivery {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly reply?: number;
  readonly msgId?: string | undefined;
}

/** An answer on its way back; a refusal carries its error. */
export type Answer = string | Uint8Array | ChatError;

/** A connection as the server sees it. */
export interface Peer {
  readonly name: string;
  readonly connected: boolean;
  isSubscribed(subject: string): boolean;
  serves(subject: string): boolean;
  deliver(delivery: Delivery): void;
  deliverRequest(delivery: Delivery, from: Peer): void;
  deliverReply(reply: number, answer: Answer): void;
  disconnect(): void;
  reconnect(): void;
}
