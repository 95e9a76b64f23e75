import type { Bus, Subscription } from '@messagecore/bus';
import type { Clock } from '@messagecore/kernel';
import type { SharedFlush } from './shared-flush.ts';

/** How long an unneeded subject stays subscribed, for users who come back soon. */
const LINGER_MS = 30_000;
/** Subjects that nobody needs which are kept at most; the one that was needed longest ago goes first. */
const MAX_IDLE_SUBJECTS = 10_000;

export interface SubjectSubscriptionsOptions {
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly flush: Pick<SharedFlush, 'flush'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly onMessage: (payload: Uint8Array, subject: string) => void;
  /** True while sessions need the subject. */
  readonly isInUse: (subject: string) => boolean;
  /** The subject is no longer subscribed. */
  readonly onDropped: (subject: string) => void;
}

interface SubscribedSubject {
  readonly subscription: Subscription;
  readonly ready: Promise<void>;
  /** Since when nothing is missed; undefined until the bus has the subscription. */
  since: number | undefined;
  /** Requests under way that need it. */
  refs: number;
}

/**
 * Subscriptions of subjects, kept as long as sessions, or requests about them, need them. Bounded: each belongs to a
 * session or a question that is bounded itself, and those that nobody needs are `IDLE` at most.
 */
export class SubjectSubscriptions {
  readonly #options: SubjectSubscriptionsOptions;
  readonly #subscribed = new Map<string, SubscribedSubject>();
  /** Needed by no question, and perhaps by no session; since when, the longest first. */
  readonly #idle = new Map<string, number>();

  constructor(options: SubjectSubscriptionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#subscribed.size;
  }

  /** True when no message since that time (of the monotonic clock) was missed. */
  completeSince(subject: string, time: number): boolean {
    const since = this.#subscribed.get(subject)?.since;
    return since !== undefined && since <= time;
  }

  /** Settles when the subject is listened to, until `release` at least. Rejects with a ChatError, and holds nothing then. */
  async acquire(subject: string): Promise<void> {
    const heard = this.#subscribed.get(subject) ?? this.#subscribe(subject);
    heard.refs += 1;
    this.#idle.delete(subject);
    try {
      await heard.ready;
    } catch (error) {
      this.#drop(subject, heard);
      throw error;
    }
  }

  release(subject: string): void {
    const heard = this.#subscribed.get(subject);
    if (heard === undefined) return;
    heard.refs -= 1;
    if (heard.refs === 0) this.idle(subject);
  }

  /** No session needs it any more, as far as the caller knows. */
  idle(subject: string): void {
    if (this.#subscribed.get(subject)?.refs !== 0) return;
    this.#idle.delete(subject);
    this.#idle.set(subject, this.#options.clock.monotonic());
    if (this.#idle.size > MAX_IDLE_SUBJECTS) this.#dropIdle(Number.POSITIVE_INFINITY, MAX_IDLE_SUBJECTS);
  }

  /** Ends what nobody has needed for a while. To be called every second or so. */
  sweep(): void {
    this.#dropIdle(this.#options.clock.monotonic() - LINGER_MS, 0);
  }

  /** Goes through those idle since `until` at the latest, as long as there are more than `atMost`. */
  #dropIdle(until: number, atMost: number): void {
    for (const [subject, since] of this.#idle) {
      if (since > until || this.#idle.size <= atMost) return;
      this.#idle.delete(subject);
      const heard = this.#subscribed.get(subject);
      if (heard !== undefined && !this.#options.isInUse(subject)) this.#drop(subject, heard);
    }
  }

  #subscribe(subject: string): SubscribedSubject {
    const { bus, flush, clock, onMessage } = this.#options;
    const subscription = bus.subscribe(subject, onMessage);
    const ready = flush.flush().then(() => void (heard.since = clock.monotonic()));
    const heard: SubscribedSubject = { subscription, ready, since: undefined, refs: 0 };
    this.#subscribed.set(subject, heard);
    return heard;
  }

  #drop(subject: string, heard: SubscribedSubject): void {
    if (this.#subscribed.get(subject) !== heard) return;
    this.#subscribed.delete(subject);
    this.#idle.delete(subject);
    heard.subscription.unsubscribe();
    this.#options.onDropped(subject);
  }
}
