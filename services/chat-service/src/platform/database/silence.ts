import type { Socket } from 'node:net';
import { type Clock, systemClock } from '@messagecore/kernel';

const CHECKS_PER_TIMEOUT = 10;

type Watchable = Pick<Socket, 'bytesRead' | 'destroyed' | 'destroy' | 'write'>;

interface WatchedConnection {
  readonly socket: Watchable;
  /** Of the question that was asked first since something came. */
  askedAt: number | undefined;
  /** How much had come when last looked at, and when it had become so much. */
  read: number;
  receivedAt: number;
}

/**
 * The connections to one server. One over which something was asked and nothing came for its time since is broken: the
 * machine behind it is gone, or the network has forgotten the connection, and TCP by itself would find out after a quarter
 * of an hour. A connection over which nothing was asked may be silent for ever, but when another one turns out to be dead,
 * all those go with it over which nothing came since its question: else each of them would be found out in turn, at the
 * cost of somebody who waits. Over TLS it is the encrypted socket that is watched (dial.ts): what TLS itself writes below
 * it is no question.
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

  /** What came answers whatever was asked before. */
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
