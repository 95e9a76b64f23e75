/**
 * What is known of the stream's health: whether it can be had, whether it acknowledges, whether it is as large as wanted and
 * reaches back as far as its readers need. Nothing here asks the bus; the guard tells what it saw.
 */
import type { Silence, StreamReport, StreamState } from '@messagecore/bus';
import { type Clock, systemClock } from '@messagecore/kernel';
import type { Logger, Metrics } from '@messagecore/runtime';

/** A stream that has acknowledged nothing for so long is not well. */
const UNWELL_MS = 3_000;
/**
 * After so long without another failure nothing is known any more: whoever publishes nothing would wait for an acknowledgement
 * for ever. What goes on failing fails more often: an acknowledgement is waited for for 5 s, and asked for again each second.
 */
const KNOWN_MS = 15_000;
/** One that goes on like this does not come back by itself (NATS 2.14 and newer after a full disk): it is made anew. */
const DEAD_MS = 10_000;
/** A refill reaches back so far; a stream that holds less has discarded what a reader may still want. */
const REACH_MS = 10 * 60_000;
/** So often a stream that had to be made smaller is given more, if the server has it. */
const LOOKS_BETWEEN_GROWTH = 20;
const MIB = 1024 * 1024;

export interface StreamHealthDeps {
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'counter' | 'gauge'>;
  /** Of everybody who publishes into the stream. */
  readonly silences: () => readonly (Silence | undefined)[];
  readonly clock?: Pick<Clock, 'monotonic'>;
}

export class StreamHealth {
  readonly #log: Logger;
  readonly #silences: StreamHealthDeps['silences'];
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #discarded: { inc(labels: object, count: number): void };
  #failure: string | undefined = 'not looked at yet';
  #report: StreamReport | undefined;
  /** When the present stream was first seen: what failed before that was another one's fault. */
  #seenAt = 0;
  #looks = 0;
  #overflows = false;

  constructor({ log, metrics, silences, clock = systemClock }: StreamHealthDeps) {
    this.#log = log;
    this.#silences = silences;
    this.#clock = clock;
    this.#discarded = metrics.counter('stream_discarded_total', 'Publications that left the stream for want of room');
    metrics.gauge('stream_reach_seconds', 'Age of the oldest publication in the stream, measured to the newest', {
      collect: (gauge) => gauge.set((this.#report?.reachMs ?? Number.NaN) / 1_000),
    });
    const seen = (name: string, help: string, read: (report: StreamReport) => number) =>
      metrics.gauge(name, help, {
        collect: (gauge) => gauge.set(this.#report === undefined ? Number.NaN : read(this.#report)),
      });
    seen('stream_bytes', 'What the stream holds', ({ bytes }) => bytes);
    seen('stream_max_bytes', 'What the stream may hold', ({ maxBytes }) => maxBytes);
    seen(
      'stream_wanted_bytes',
      'What it should be able to hold; less where the disk has not so much',
      (it) => it.wantedBytes,
    );
  }

  /** Whether this look is one at which a stream that is too small should grow. */
  get mayGrow(): boolean {
    const { maxBytes = 0, wantedBytes = 0 } = this.#report ?? {};
    return maxBytes < wantedBytes && this.#looks % LOOKS_BETWEEN_GROWTH === 0;
  }

  /** A look at the stream came to this. */
  observe(report: StreamReport): void {
    const before = this.#report;
    const isSame = before?.state.createdAt === report.state.createdAt;
    if (!isSame) this.#seenAt = this.#clock.monotonic();
    // An empty stream may say that its first is 0.
    if (isSame) this.#countDiscarded(report.firstSeq - Math.max(before.firstSeq, 1), report);
    if (report.maxBytes < report.wantedBytes && (!isSame || before.maxBytes !== report.maxBytes))
      this.#log.warn(
        { maxBytes: report.maxBytes, wantedBytes: report.wantedBytes },
        'the stream is smaller than wanted',
      );
    this.#report = report;
    this.#looks += 1;
    this.#failure = undefined;
  }

  /** A look failed. */
  failed(error: unknown): void {
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    this.#failure = typeof cause === 'string' ? `${message}: ${cause}` : message;
  }

  /** Whether this stream, although it is there, has acknowledged nothing for so long that it never will. */
  isDead({ createdAt }: StreamState): boolean {
    return this.#report?.state.createdAt === createdAt && this.#silentMs >= DEAD_MS;
  }

  /** Why the stream is not well; undefined when it is. */
  get problem(): string | undefined {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#silentMs < UNWELL_MS) return undefined;
    return `nothing acknowledged for ${Math.round(this.#silentMs / 1_000)} s`;
  }

  /** What an operator should know although everything works. */
  get warnings(): readonly string[] {
    const { maxBytes = 0, wantedBytes = 0, reachMs = 0 } = this.#report ?? {};
    return [
      ...(maxBytes < wantedBytes ? [`the stream holds ${inMib(maxBytes)} instead of ${inMib(wantedBytes)}`] : []),
      ...(this.#overflows ? [`the stream is full and reaches back ${Math.round(reachMs / 1_000)} s only`] : []),
    ];
  }

  /** From the first failure, or the first sight of this stream, to the last failure. */
  get #silentMs(): number {
    const now = this.#clock.monotonic();
    const lasts = this.#silences().map((silence) =>
      silence === undefined || now - silence.last > KNOWN_MS ? 0 : silence.last - Math.max(silence.since, this.#seenAt),
    );
    return Math.max(0, ...lasts);
  }

  /** What left before its time left for want of room. */
  #countDiscarded(count: number, { reachMs, maxAgeMs }: StreamReport): void {
    const early = count > 0 && reachMs < maxAgeMs * 0.9;
    if (early) this.#discarded.inc({}, count);
    const overflows = early && reachMs < REACH_MS;
    if (overflows && !this.#overflows)
      this.#log.warn({ reachMs }, 'the stream is full and discards what readers may still want');
    this.#overflows = overflows || (this.#overflows && reachMs < REACH_MS);
  }
}

const inMib = (bytes: number): string => `${Math.floor(bytes / MIB)} MiB`;
