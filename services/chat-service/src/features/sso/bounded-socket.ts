import type { Socket } from 'node:net';

/** What a directory may say on one connection: far more than two people and the groups of one. */
export const MOST_BYTES = 4 * 1_024 * 1_024;

/**
 * The same socket, which is destroyed when it has received more than that, or when whoever reads it throws: else a server's
 * answer would end the process. What waits for an answer is rejected then, as with every socket that breaks.
 */
export function bounded<S extends Socket>(socket: S): S {
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...values: unknown[]) => boolean;
  let received = 0;
  const read = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event !== 'data') return emit(event, ...values);
    if (socket.destroyed) return false;
    received += (values[0] as Buffer).length;
    try {
      if (received > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes were answered`);
      return emit(event, ...values);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  };
  return Object.assign(socket, { emit: read });
}
