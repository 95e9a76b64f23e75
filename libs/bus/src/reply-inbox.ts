import type { Clock } from '@messagecore/kernel';
import type { ChatError } from '@messagecore/protocol';
import type { Logger } from '@messagecore/runtime';
import { createInbox, type Msg } from 'nats';
import type { Waiter } from './bus.ts';
import { BusError } from './bus-error.ts';
import { errorOf } from './error-reply.ts';

interface Waiting {
  readonly about: string;
  readonly deadline: number;
  readonly waiter: Waiter;
}

const NO_RESPONDERS = 503;
/** Time-outs are looked for this often: one timer for all requests costs less than one each. */
const SWEEP_MS = 25;

/**
 * One subscription for all replies to this connection, told apart by the last token of their subject.
 *
 * Each waiter is called exactly once: with its reply or the error in it, with the server's notice that nobody serves
 * the subject, at the time-out, or by `failAll` when the connection broke. A later reply is dropped. An error that a
 * waiter throws in `failed` is logged, so that it does not keep the others from being called.
 */
export class ReplyInbox {
  /** What to subscribe to. */
  readonly subject: string;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #waiting = new Map<string, Waiting>();
  #count = 0;
  #sweeping = false;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
    this.#prefix = `${createInbox()}.`;
    this.subject = `${this.#prefix}*`;
  }

  /** A reply subject of its own, at which `waiter` waits from now on. `about` names the request in errors. */
  open(about: string, timeoutMs: number, waiter: Waiter): string {
    this.#count += 1;
    const token = this.#count.toString(36);
    this.#waiting.set(token, { about, deadline: this.#clock.monotonic() + timeoutMs, waiter });
    this.#sweepLater();
    return this.#prefix + token;
  }

  /** Fails the one that waits at `replyTo`, since its request could not be sent. */
  fail(replyTo: string, error: ChatError): void {
    const waiting = this.#take(replyTo);
    if (waiting !== undefined) this.#fail(waiting, error);
  }

  receive(reply: Msg): void {
    const waiting = this.#take(reply.subject);
    if (waiting === undefined) return;
    const error = failureOf(reply, waiting.about);
    if (error === undefined) waiting.waiter.answered(reply.data);
    else this.#fail(waiting, error);
  }

  failAll(): void {
    const failed = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of failed) this.#fail(waiting, new BusError('disconnected', waiting.about));
  }

  #fail({ about, waiter }: Waiting, error: ChatError): void {
    try {
      waiter.failed(error);
    } catch (err) {
      this.#log.error({ about, err }, 'a waiter failed at a failure');
    }
  }

  #take(replyTo: string): Waiting | undefined {
    const token = replyTo.slice(this.#prefix.length);
    const waiting = this.#waiting.get(token);
    this.#waiting.delete(token);
    return waiting;
  }

  #sweepLater(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    this.#clock.setTimeout(() => this.#sweep(), SWEEP_MS);
  }

  #sweep(): void {
    const now = this.#clock.monotonic();
    for (const [token, waiting] of this.#waiting) {
      if (waiting.deadline > now) continue;
      this.#waiting.delete(token);
      this.#fail(waiting, new BusError('timeout', waiting.about));
    }
    this.#sweeping = false;
    if (this.#waiting.size > 0) this.#sweepLater();
  }
}

/** Ordinary replies have no headers, and reading none costs nothing. */
function failureOf(reply: Msg, about: string): ChatError | undefined {
  if (reply.headers === undefined) return undefined;
  return reply.headers.code === NO_RESPONDERS ? new BusError('no_responders', about) : errorOf(reply);
}
