/**
 * Sends what is logged as an error to where errors are gathered, by Sentry's protocol.
 *
 * Bounded: equal errors are one report a minute, which says how many there were; so many reports a second; so many wait; one
 * request at a time, which is not repeated. What is beyond that is counted and in the log alone. Whoever logs waits for
 * nothing, and stopping takes a second at the most.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { type Clock, systemClock, TokenBucket } from '@messagecore/kernel';
import type { Metrics } from './metrics.ts';
import manifest from '../package.json' with { type: 'json' };
import type { SentryConfig } from './sentry-dsn.ts';
import { envelopeOf, eventOf, type EventSource, type Fault } from './sentry-event.ts';
import { SentryPost } from './sentry-post.ts';
import { within } from './within.ts';

/** A logger: which one reports to this, and is not imported here. */
interface Warned {
  warn(about: object, text: string): void;
}

export interface ErrorReports {
  /** Never throws, and returns at once. */
  report(fault: Fault): void;
  /** Tells the log and the metrics of a service what becomes of reports. */
  observe(to: { readonly log: Warned; readonly metrics: Metrics }): void;
  /** Sends what waits, for a second at the most. Never rejects. */
  stop(): Promise<void>;
}

export interface ErrorReportsOptions extends Pick<EventSource, 'service' | 'hidden'> {
  readonly clock?: Clock;
}

const BOUNDS = {
  /** Reports that wait. */
  waiting: 50,
  rate: { perSecond: 1, burst: 20 },
  /** For so long an error is the same as one before, and so many different ones are remembered. */
  sameForMs: 60_000,
  remembered: 500,
  stopMs: 1_000,
};
/** A receiver that fails is logged so often at the most. */
const LOG_EVERY_MS = 60_000;

/**
 * What became of an error: `sent`, `repeated` it was told a moment ago, `dropped` there were too many or the receiver wants a
 * pause, `lost` the receiver did not take it.
 */
type Outcome = 'sent' | 'repeated' | 'dropped' | 'lost';

/** Undefined where nothing is said of a receiver. */
export function startErrorReports(
  config: SentryConfig | undefined,
  options: ErrorReportsOptions,
): ErrorReports | undefined {
  return config && new SentryReports(config, options);
}

class SentryReports implements ErrorReports {
  readonly #clock: Clock;
  readonly #source: EventSource;
  readonly #post: SentryPost;
  readonly #bucket: TokenBucket;
  readonly #waiting: Buffer[] = [];
  readonly #seen = new Map<string, { readonly at: number; repeats: number }>();
  readonly #counts: Record<Outcome, number> = { sent: 0, repeated: 0, dropped: 0, lost: 0 };
  #sending: Promise<void> | undefined;
  #pausedUntil = 0;
  #log: Warned | undefined;
  #loggedAt = -LOG_EVERY_MS;

  constructor({ dsn, environment }: SentryConfig, { service, hidden, clock = systemClock }: ErrorReportsOptions) {
    this.#clock = clock;
    this.#source = { service, environment, release: manifest.version, host: hostname(), hidden };
    this.#post = new SentryPost(dsn);
    this.#bucket = new TokenBucket({ ...BOUNDS.rate, clock });
  }

  report(fault: Fault): void {
    try {
      this.#take(fault);
    } catch {
      this.#counts.lost += 1;
    }
  }

  observe({ log, metrics }: Parameters<ErrorReports['observe']>[0]): void {
    this.#log = log;
    metrics.gauge('error_reports', 'What became of errors since the start: sent, repeated, dropped, lost', {
      labels: ['result'],
      collect: (gauge) => {
        for (const [result, count] of Object.entries(this.#counts)) gauge.set({ result }, count);
      },
    });
  }

  async stop(): Promise<void> {
    await within(BOUNDS.stopMs, this.#sending ?? Promise.resolve(), this.#clock).catch(() => {});
    this.#waiting.length = 0;
    this.#post.close();
  }

  #take(fault: Fault): void {
    const now = this.#clock.monotonic();
    const key = keyOf(fault);
    const seen = this.#seen.get(key);
    if (seen !== undefined && now - seen.at < BOUNDS.sameForMs) {
      seen.repeats += 1;
      this.#counts.repeated += 1;
      return;
    }
    if (now < this.#pausedUntil || this.#waiting.length >= BOUNDS.waiting || this.#bucket.take() > 0) {
      this.#counts.dropped += 1;
      return;
    }
    this.#remember(key, now);
    const at = this.#clock.now();
    const id = randomBytes(16).toString('hex');
    this.#waiting.push(envelopeOf(eventOf(fault, this.#source, { id, at, repeats: seen?.repeats ?? 0 }), at));
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
  }

  /** What was seen the longest ago is forgotten first. */
  #remember(key: string, at: number): void {
    this.#seen.delete(key);
    this.#seen.set(key, { at, repeats: 0 });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > BOUNDS.remembered && oldest !== undefined) this.#seen.delete(oldest);
  }

  async #sendAll(): Promise<void> {
    for (let envelope = this.#waiting.shift(); envelope !== undefined; envelope = this.#waiting.shift()) {
      if (this.#clock.monotonic() < this.#pausedUntil) this.#counts.dropped += 1;
      else await this.#send(envelope);
    }
  }

  async #send(envelope: Buffer): Promise<void> {
    try {
      const { taken, status, pauseMs } = await this.#post.send(envelope);
      if (pauseMs > 0) this.#pausedUntil = this.#clock.monotonic() + pauseMs;
      if (!taken) throw new Error(`the receiver answered ${status}`);
      this.#counts.sent += 1;
    } catch (err) {
      this.#counts.lost += 1;
      const now = this.#clock.monotonic();
      if (now - this.#loggedAt < LOG_EVERY_MS) return;
      this.#loggedAt = now;
      this.#log?.warn({ err }, 'errors are not reported');
    }
  }
}

/** Errors of one place in the code are the same, whatever they are about. */
function keyOf({ message, error, about }: Fault): string {
  const { name, stack = '' } = error instanceof Error ? error : { name: typeof error };
  const place = stack.split('\n').find((line) => /^\s+at /.test(line));
  return [message, name, about['code'], about['operation'], about['kind'], about['consumer'], place].join('|');
}
