import { createServer, type Server } from 'node:net';

/**
 * Ports on the loopback address, held until they are used.
 *
 * A reserved port has a listening socket of ours on it, so no other process can take it between the choice and the use;
 * only the moment between `release()` and the user's own `listen` is left. Ports that nobody asked for by number come
 * from below the range that the system gives to outgoing connections, so a server that is down for a moment finds its
 * port free when it returns.
 */
export interface ReservedPort {
  readonly port: number;
  /** Frees the port for the one who is about to listen on it. */
  release(): Promise<void>;
}

const HOST = '127.0.0.1';
const RANDOM_FROM = 15_000;
const RANDOM_TO = 32_000;
const HIGHEST = 65_535;

/** Reserves the first free port at or after `from`; without `from`, a random free one. @throws Error when none is free. */
export async function reservePort(from?: number): Promise<ReservedPort> {
  const start = from ?? RANDOM_FROM + Math.floor(Math.random() * (RANDOM_TO - RANDOM_FROM));
  for (let port = start; port <= HIGHEST; port += 1) {
    const held = await listenOn(port);
    if (held !== undefined) return { port, release: () => close(held) };
  }
  throw new Error(`no free port at or above ${start}`);
}

/** Whether `port` could be listened on now. */
export async function isPortFree(port: number): Promise<boolean> {
  const held = await listenOn(port);
  if (held !== undefined) await close(held);
  return held !== undefined;
}

/** A free port that nobody holds: for tests that start one server at once. */
export async function freePort(from?: number): Promise<number> {
  const reserved = await reservePort(from);
  await reserved.release();
  return reserved.port;
}

/** Undefined when the port is taken or not ours to take (ports below 1024 for ordinary users). */
function listenOn(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host: HOST, exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
