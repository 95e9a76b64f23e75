import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Clock, systemClock } from '@messagecore/kernel';

/** Who an answer is for, and how many bytes may wait for them together. */
export interface Reader {
  readonly key: string;
  readonly maxBytes: number;
}

export interface UnsentAnswersOptions {
  /** Bytes of all answers that wait. */
  readonly maxBytes: number;
  /** A connection that takes nothing of its answer for so long is destroyed. */
  readonly stallMs: number;
  /** So is one that has not taken the whole of it after so long. */
  readonly answerMs: number;
  /** A connection was destroyed. */
  readonly onCut?: () => void;
  readonly clock?: Clock;
}

interface Entry {
  readonly socket: Socket;
  readonly bytes: number;
  readonly readers: readonly Reader[];
  readonly since: number;
  movedAt: number;
  /** What the socket had not sent when it was last looked at. */
  unsent: number;
}

/** Connections that have been standing still for so long make room for others that want it. */
const STALLED_MS = 1_000;

/**
 * The answers of an HTTP server that were handed over and that the system has not taken yet, because the peers do not
 * read. Their bytes are bounded together and for each reader: when an answer finds no room, connections that stand still
 * are destroyed, and if that does not help the caller must refuse. `sweep`, called every now and then, destroys those
 * that stand still for too long whether anybody wants their room or not.
 */
export class UnsentAnswers {
  readonly #options: UnsentAnswersOptions;
  readonly #clock: Clock;
  /** The oldest first. */
  readonly #entries = new Map<ServerResponse, Entry>();
  readonly #bytesOf = new Map<string, number>();
  #bytes = 0;

  constructor(options: UnsentAnswersOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Answers that wait. */
  get size(): number {
    return this.#entries.size;
  }

  /** Whether an answer of so many bytes may wait for these readers. */
  hasRoom(bytes: number, readers: readonly Reader[]): boolean {
    if (this.#fits(bytes, readers)) return true;
    this.#noteProgress();
    const before = this.#clock.monotonic() - STALLED_MS;
    for (const { socket, movedAt, readers: own } of [...this.#entries.values()]) {
      if (this.#fits(bytes, readers)) return true;
      if (movedAt <= before && this.#wouldFreeRoom(bytes, readers, own)) this.#destroy(socket);
    }
    return this.#fits(bytes, readers);
  }

  /** Counts an answer until the system has taken it or its connection is gone. It must not have ended yet. */
  add(response: ServerResponse, bytes: number, readers: readonly Reader[]): void {
    const { socket } = response.req;
    if (socket.destroyed || response.writableFinished || this.#entries.has(response)) return;
    const now = this.#clock.monotonic();
    this.#entries.set(response, { socket, bytes, readers, since: now, movedAt: now, unsent: 0 });
    this.#count(readers, bytes);
    const done = () => {
      response.off('finish', done).off('close', done);
      // Answers behind others on one connection do not hear of its end by themselves.
      socket.off('close', done);
      this.#forget(response);
    };
    response.once('finish', done).once('close', done);
    // One listener for each answer that waits on a connection, and there may be many.
    socket.setMaxListeners(0).once('close', done);
  }

  /** Destroys connections that take nothing, or take too long. */
  sweep(): void {
    const { stallMs, answerMs } = this.#options;
    this.#noteProgress();
    const now = this.#clock.monotonic();
    for (const { socket, movedAt, since } of [...this.#entries.values()]) {
      if (now - movedAt >= stallMs || now - since >= answerMs) this.#destroy(socket);
    }
  }

  /** Notes which connections have moved since the last look. */
  #noteProgress(): void {
    const now = this.#clock.monotonic();
    for (const entry of this.#entries.values()) {
      const unsent = unsentBytes(entry.socket);
      if (unsent === entry.unsent) continue;
      entry.unsent = unsent;
      entry.movedAt = now;
    }
  }

  #fits(bytes: number, readers: readonly Reader[]): boolean {
    const { maxBytes } = this.#options;
    if (this.#bytes + bytes > maxBytes) return false;
    return readers.every((reader) => (this.#bytesOf.get(reader.key) ?? 0) + bytes <= reader.maxBytes);
  }

  /** Whether it would help to end an answer for `own`: not one of somebody else when only a reader's own bound is met. */
  #wouldFreeRoom(bytes: number, readers: readonly Reader[], own: readonly Reader[]): boolean {
    if (this.#bytes + bytes > this.#options.maxBytes) return true;
    const full = readers.filter(({ key, maxBytes }) => (this.#bytesOf.get(key) ?? 0) + bytes > maxBytes);
    return full.some(({ key }) => own.some((reader) => reader.key === key));
  }

  #destroy(socket: Socket): void {
    if (socket.destroyed) return;
    this.#options.onCut?.();
    for (const [response, entry] of [...this.#entries]) if (entry.socket === socket) this.#forget(response);
    socket.destroy();
  }

  #forget(response: ServerResponse): void {
    const entry = this.#entries.get(response);
    if (entry === undefined) return;
    this.#entries.delete(response);
    this.#count(entry.readers, -entry.bytes);
  }

  #count(readers: readonly Reader[], bytes: number): void {
    this.#bytes += bytes;
    for (const { key } of readers) {
      const now = (this.#bytesOf.get(key) ?? 0) + bytes;
      if (now <= 0) this.#bytesOf.delete(key);
      else this.#bytesOf.set(key, now);
    }
  }
}

/**
 * What a socket has not handed to the system. A write under way counts as a whole in `writableLength`; how much of it is
 * left, only the handle knows (Node's own time-out of sockets looks there too).
 */
function unsentBytes(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  const queued: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'writeQueueSize') : 0;
  return socket.writableLength + (typeof queued === 'number' ? queued : 0);
}
