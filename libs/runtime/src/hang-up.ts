import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '@messagecore/kernel';

/** How long a peer may take to read the last bytes and close. */
export const LINGER_MS = 1_000;

/**
 * Sends the last bytes to a peer and closes the connection, at the latest after `LINGER_MS`. Bytes that still arrive
 * are read and dropped: closing with unread bytes would reset the connection, and the peer might lose the last bytes.
 */
export function hangUp(socket: Duplex, words: string, clock: Clock = systemClock): void {
  const timer = clock.setTimeout(() => void socket.destroy(), LINGER_MS);
  socket.once('close', () => timer.cancel());
  socket.resume();
  socket.end(words);
}
