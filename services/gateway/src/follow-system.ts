import type { Bus } from '@messagecore/bus';
import type { Clock } from '@messagecore/kernel';
import { SettingsEvent, subjects, WatchesEvent } from '@messagecore/protocol/bus';
import type { Live, Watches } from '@messagecore/runtime';

/** Whoever knows of a later change says so every second. */
const HEARD_MS = 5_000;

/**
 * Tells which of several senders counts: the one that knows of the latest change. One that cannot read the record goes on with
 * what it saw last; it counts when nobody has told of anything later for `HEARD_MS`, as after a restoration.
 */
export class LatestChange {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #changedAt = 0;
  #heardAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Whether what was changed at this time of the record's clock, in milliseconds, is the latest. */
  isLatest(changedAt: number): boolean {
    const now = this.#clock.monotonic();
    if (changedAt < this.#changedAt && now - this.#heardAt < HEARD_MS) return false;
    this.#changedAt = changedAt;
    this.#heardAt = now;
    return true;
  }
}

export interface SystemFollowers {
  readonly live: Live;
  readonly watches: Watches;
}

/** `live` and `watches` follow what an operator has changed, as chat-services say it. Returns them. */
export function followSystem(bus: Pick<Bus, 'subscribe'>, clock: Clock, followers: SystemFollowers): SystemFollowers {
  const { live, watches } = followers;
  const latest = new LatestChange(clock);
  bus.subscribe(subjects.settings, (payload) => {
    const { settings, changedAt } = SettingsEvent.parse(parse(payload));
    if (latest.isLatest(changedAt)) live.set(settings, changedAt);
  });
  bus.subscribe(subjects.watches, (payload) => {
    const event = WatchesEvent.parse(parse(payload));
    if (latest.isLatest(event.changedAt)) watches.set(event.watches);
  });
  return followers;
}

const parse = (payload: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(payload));
