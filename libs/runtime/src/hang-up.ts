import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '@messagecore/kernel';

/** How long a peer may take to read the last words and hang up. */
export const LINGER_MS = 1_000;

/**
 * Says the last words to a peer and lets go of the connection, whether the peer hangs up or not. What still comes from it
 * is read and thrown away meanwhile: closed over unread bytes, TCP would take the last words back.
 */
export function hangUp(socket: Duplex, words: string, clock: Clock = systemClock): void {
  const timer = clock.setTimeout(() => void socket.destroy(), LINGER_MS);
  socket.once('close', () => timer.cancel());
  socket.resume();
  socket.end(words);
}
