import type { Bus } from '@messagecore/bus';
import type { Clock } from '@messagecore/kernel';

/** Longer than anybody waits between two attempts to reconnect (libs/bus). */
const BACK_AFTER_MS = 4_000;

/**
 * Whether those who listen may be expected on the bus: when it was away, this process may be back before the gateways, and
 * of events that no stream captures they would hear nothing.
 */
export function watchReceivers(bus: Pick<Bus, 'onStatus'>, clock: Pick<Clock, 'monotonic'>): () => boolean {
  let reconnectedAt = Number.NEGATIVE_INFINITY;
  bus.onStatus((status) => {
    if (status === 'reconnected') reconnectedAt = clock.monotonic();
  });
  return () => clock.monotonic() - reconnectedAt >= BACK_AFTER_MS;
}
