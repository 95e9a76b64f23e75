import type { Clock, Random } from '@messagecore/kernel';
import type { HistoryPage, UpFrame, UpFrameOf } from '../wire.ts';
import type { Emitter } from '../emitter.ts';
import type { ConversationEvents } from '../events.ts';
import type { Delivered } from '../outbox.ts';
import type { StartAt } from './cursor.ts';

/** Where to begin. Without `since`: what comes from now on. With `since: 0`: everything that is kept. */
export type JoinOptions = StartAt;

export interface SendOptions {
  /** `text` when left out. */
  readonly kind?: string;
  readonly replyTo?: number;
  readonly threadRoot?: number;
  /** Of a reply in a thread: it is shown in the conversation too. */
  readonly showInChannel?: boolean;
  /** Seconds after which the service recalls it. */
  readonly expiresIn?: number;
  /** The same, from when everybody else has read it; in conversations of up to 100 participants. */
  readonly expiresAfterRead?: number;
  /** To repeat a message of an earlier run of the application. */
  readonly mid?: string;
}

export interface Sending {
  readonly mid: string;
  /** Resolves once the server has stored the message; rejects with a `ChatError` when it refuses it for good. */
  readonly delivered: Promise<Delivered>;
}

export interface HistoryOptions {
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
  /** A time: the page begins with the first message at or after it. */
  readonly at?: number;
  /** With what the replies of the page quote, and the threads of its messages. */
  readonly quotes?: boolean;
  readonly threads?: boolean;
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export type Change = UpFrameOf<'edit' | 'recall' | 'react'>;
/** `Omit` that keeps a union apart. */
export type WithoutRef<T> = T extends unknown ? Omit<T, 'ref'> : never;

/** What a conversation needs of the client. */
export interface ConversationPort {
  readonly clock: Clock;
  readonly random: Random;
  /** False, and nothing sent, unless online. */
  transmit(frame: UpFrame): boolean;
  /**
   * Joins this conversation, if it is still wanted then: at the end of the turn, or within so many milliseconds. Joins of
   * one time travel together.
   */
  requestJoin(cid: string, withinMs?: number): void;
  send(cid: string, body: Readonly<Record<string, unknown>>, options: SendOptions): Sending;
  change(change: WithoutRef<Change>): Promise<void>;
  /** Has `takeRead` called when there is room for a report. */
  requestRead(cid: string): void;
  /** Takes room for a frame that may as well be left out; false when there is none. */
  hasRoom(): boolean;
  /** Frames of this connection that could not be read so far. */
  unreadable(): number;
  /** The application wants something of this conversation from now on, or nothing any more. */
  needed(cid: string, isNeeded: boolean): void;
  history(cid: string, options: HistoryOptions): Promise<HistoryPage>;
  emit: Emitter<Omit<ConversationEvents, 'refused'>>['emit'];
  /** Messages up to `pos` were handed to the application. */
  received(cid: string, pos: number): void;
  me(): string | undefined;
}
