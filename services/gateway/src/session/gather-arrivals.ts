import { type Clock, Gathering } from '@messagecore/kernel';

const WINDOW_MS = 20;

/**
 * Who opens a session, or joins a conversation, waits for a moment for others where some 100 a second do, as when a gateway
 * has stopped: they subscribe in one round trip to the bus and are asked about in one request (decision 115).
 */
export function gatherArrivals(clock: Clock): Gathering {
  return new Gathering({ clock, windowMs: WINDOW_MS, defer: queueMicrotask });
}
