import type { Socket } from 'node:net';
import { type Clock, systemClock } from '@messagecore/kernel';

const CHECKS_PER_TIMEOUT = 10;

type Watchable = Pick<Socket, 'bytesRead' | 'destroyed' | 'destroy' | 'write'>;

interface WatchedConnection {
  readonly socket: Watchable;
  /** Time of the first request since the last answer. */
  askedAt: number | undefined;
  /** Bytes received at the last check, and when they had last grown. */
  read: number;
  receivedAt: number;
}

/**
 * Breaks dead connections to one server. A connection that got no answer for its time-out is dead: the server is gone,
 * or the network dropped the connection; TCP alone would notice after a quarter of an hour. An idle connection may be
 * silent for ever. But when one connection turns out to be dead, all others that have received nothing since its
 * request are closed too, so that not each of them makes a caller wait. Over TLS the encrypted socket is watched
 * (dial.ts), so that the writes of TLS itself do not count as requests.
 */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #all = new Set<WatchedConnection>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Breaks the connection when it owes an answer for `ms`. Returns the socket. */
  watch<S extends Watchable>(socket: S, ms: number): S {
    if (!Number.isFinite(ms)) return socket;
    const watched: WatchedConnection = {
      socket,
      askedAt: undefined,
      read: socket.bytesRead,
      receivedAt: this.#clock.monotonic(),
    };
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (...args: unknown[]) => {
      this.#noteReceived(watched);
      watched.askedAt ??= this.#clock.monotonic();
      return write(...args);
    };
    this.#all.add(watched);
    this.#scheduleCheck(watched, ms);
    return socket;
  }

  #scheduleCheck(watched: WatchedConnection, ms: number): void {
    this.#clock.setTimeout(() => {
      if (watched.socket.destroyed) return void this.#all.delete(watched);
      this.#noteReceived(watched);
      if (watched.askedAt !== undefined && this.#clock.monotonic() - watched.askedAt >= ms) {
        this.#break(watched.askedAt, `no answer for ${ms} ms`);
      }
      this.#scheduleCheck(watched, ms);
    }, ms / CHECKS_PER_TIMEOUT);
  }

  /** Received bytes count as the answer to everything sent before. */
  #noteReceived(watched: WatchedConnection): void {
    const { bytesRead } = watched.socket;
    if (bytesRead === watched.read) return;
    watched.read = bytesRead;
    watched.receivedAt = this.#clock.monotonic();
    watched.askedAt = undefined;
  }

  #break(since: number, why: string): void {
    for (const watched of this.#all) {
      this.#noteReceived(watched);
      if (watched.receivedAt > since) continue;
      this.#all.delete(watched);
      watched.socket.destroy(Object.assign(new Error(why), { code: 'ETIMEDOUT' }));
    }
  }
}
