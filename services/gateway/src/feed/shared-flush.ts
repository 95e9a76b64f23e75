import type { Bus } from '@messagecore/bus';

/** One round trip to the bus for all subscriptions made in a turn. */
export class SharedFlush {
  readonly #bus: Pick<Bus, 'flush'>;
  #underWay: Promise<void> | undefined;

  constructor(bus: Pick<Bus, 'flush'>) {
    this.#bus = bus;
  }

  /** Settles when the bus has every subscription made until the end of this turn. Rejects with a BusError. */
  flush(): Promise<void> {
    this.#underWay ??= Promise.resolve().then(() => {
      this.#underWay = undefined;
      return this.#bus.flush();
    });
    return this.#underWay;
  }
}
