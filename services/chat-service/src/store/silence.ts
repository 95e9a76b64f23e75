import type { Socket } from 'node:net';
import { type Clock, systemClock } from '@messagecore/kernel';

const LOOKS = 10;

/**
 * Breaks a connection over which something was asked and nothing came for `ms` since: the machine behind it is gone, or the
 * network has forgotten the connection, and TCP by itself would find out after a quarter of an hour. A connection over which
 * nothing was asked may be silent for ever. (What TLS writes does not pass here: such a connection is left to TCP.)
 *
 * @returns the socket.
 */
export function breakWhenSilent<S extends Pick<Socket, 'bytesRead' | 'destroyed' | 'destroy' | 'write'>>(
  socket: S,
  ms: number,
  clock: Clock = systemClock,
): S {
  if (!Number.isFinite(ms)) return socket;
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let asked: { readonly at: number; readonly read: number } | undefined;
  const isOwed = () => asked !== undefined && asked.read === socket.bytesRead;
  socket.write = (...args: unknown[]) => {
    if (!isOwed()) asked = { at: clock.monotonic(), read: socket.bytesRead };
    return write(...args);
  };
  const look = () => {
    if (socket.destroyed) return;
    if (asked !== undefined && isOwed() && clock.monotonic() - asked.at >= ms) {
      socket.destroy(Object.assign(new Error(`no answer for ${ms} ms`), { code: 'ETIMEDOUT' }));
    } else clock.setTimeout(look, ms / LOOKS);
  };
  clock.setTimeout(look, ms / LOOKS);
  return socket;
}
