import type { Socket } from 'node:net';
import { type Clock, systemClock } from '@messagecore/kernel';

const CHECKS_PER_TIMEOUT = 10;

type Watchable = Pick<Socket, 'bytesRead' | 'destroyed' | 'destroy' | 'write'>;

/** What is watched. `isWaiting` says whether the server still owes an answer when something of it has come. */
export interface Watched {
  readonly socket: Watchable;
  readonly isWaiting: () => boolean;
}

interface WatchedConnection extends Watched {
  /** Since when the server has been silent though it owes an answer: since the request, or since the last of what it said. */
  askedAt: number | undefined;
  /** Bytes received at the last check, and when they had last grown. */
  read: number;
  receivedAt: number;
}

/**
 * Breaks dead connections to one server. A connection that owes an answer and has said nothing for its time-out is dead:
 * the server is gone, the network dropped the connection, or a pooler in between has lost the request; TCP alone would
 * notice the first two after a quarter of an hour, and the last never. An idle connection may be silent for ever. But when
 * one connection turns out to be dead, all others that have received nothing since its request are closed too, so that not
 * each of them makes a caller wait. Over TLS the encrypted socket is watched (dial.ts), so that the writes of TLS itself do
 * not count as requests.
 */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #all = new Set<WatchedConnection>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Breaks the connection when it owes an answer and is silent for `ms`. */
  watch({ socket, isWaiting }: Watched, ms: number): void {
    if (!Number.isFinite(ms)) return;
    const receivedAt = this.#clock.monotonic();
    const watched: WatchedConnection = { socket, isWaiting, askedAt: undefined, read: socket.bytesRead, receivedAt };
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (...args: unknown[]) => {
      this.#noteReceived(watched);
      watched.askedAt ??= this.#clock.monotonic();
      return write(...args);
    };
    this.#all.add(watched);
    this.#scheduleCheck(watched, ms);
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

  /** What has come may be the whole answer, a part of it, or the answer to the first of several requests. */
  #noteReceived(watched: WatchedConnection): void {
    const { bytesRead } = watched.socket;
    if (bytesRead === watched.read) return;
    watched.read = bytesRead;
    watched.receivedAt = this.#clock.monotonic();
    watched.askedAt = watched.isWaiting() ? watched.receivedAt : undefined;
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
