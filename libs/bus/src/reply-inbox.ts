import type { Clock } from '@messagecore/kernel';
import { createInbox, type Msg } from 'nats';
import { BusError } from './bus-error.ts';

interface Waiting {
  readonly about: string;
  readonly deadline: number;
  readonly settle: (reply: Msg) => void;
  readonly reject: (error: BusError) => void;
}

const NO_RESPONDERS = 503;
/** Time-outs are looked for this often: one timer for all requests costs less than one each. */
const SWEEP_MS = 25;

/**
 * One subscription for all replies to this connection, told apart by the last token of their subject.
 *
 * Each request that is waited for settles exactly once: by its reply, by the server's word that nobody listens, by its
 * time-out, or by `failAll` when the connection breaks. A reply that comes later is dropped.
 */
export class ReplyInbox {
  /** What to subscribe to. */
  readonly subject: string;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiting>();
  #count = 0;
  #sweeping = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#prefix = `${createInbox()}.`;
    this.subject = `${this.#prefix}*`;
  }

  /**
   * Sends with a reply subject of its own, and settles with what `read` makes of the reply. `about` names the request in
   * errors. Rejects with what `send` or `read` throws.
   */
  ask<T>(about: string, timeoutMs: number, send: (replyTo: string) => void, read: (reply: Msg) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const token = (this.#count += 1).toString(36);
      send(this.#prefix + token);
      const settle = (reply: Msg) => {
        try {
          resolve(read(reply));
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.set(token, { about, deadline: this.#clock.monotonic() + timeoutMs, settle, reject });
      this.#sweepLater();
    });
  }

  receive(reply: Msg): void {
    const token = reply.subject.slice(this.#prefix.length);
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return;
    this.#waiting.delete(token);
    if (reply.headers?.code === NO_RESPONDERS) waiting.reject(new BusError('no_responders', waiting.about));
    else waiting.settle(reply);
  }

  failAll(): void {
    const failed = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { about, reject } of failed) reject(new BusError('disconnected', about));
  }

  #sweepLater(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    this.#clock.setTimeout(() => this.#sweep(), SWEEP_MS);
  }

  #sweep(): void {
    const now = this.#clock.monotonic();
    for (const [token, { about, deadline, reject }] of this.#waiting) {
      if (deadline > now) continue;
      this.#waiting.delete(token);
      reject(new BusError('timeout', about));
    }
    this.#sweeping = false;
    if (this.#waiting.size > 0) this.#sweepLater();
  }
}
