import type { Writable } from 'node:stream';
import { CLOSE, type CloseCode, type DownFrame, LIMITS } from '@messagecore/protocol';
import type { Frames } from './block.ts';
import { CUT_BYTES, type Sink } from './sink.ts';
import type { FlushScheduler } from './flush-scheduler.ts';

/** Joining costs a copy and spares a system call; above this many bytes the copy costs more. */
const JOIN_BYTES = 64 * 1024;

/**
 * A sink on a Node stream. What a turn hands over leaves as one write, with what waited for one. Bounded: room frames are refused above
 * `LIMITS.lagBytes`, and a peer for whom `CUT_BYTES` pile up is closed. After `close` everything is dropped silently.
 */
export abstract class StreamSink<S extends Writable = Writable> implements Sink {
  abstract readonly received: number | undefined;
  protected readonly stream: S;
  readonly #scheduler: FlushScheduler;
  #first: Uint8Array | undefined;
  #rest: Uint8Array[] | undefined;
  #bytes = 0;
  #dirty = false;
  #closed = false;
  #drained: (() => void) | undefined;
  /** The stream has been asked to tell. */
  #awaiting = false;

  constructor(stream: S, scheduler: FlushScheduler) {
    this.stream = stream;
    this.#scheduler = scheduler;
  }

  /** False when nothing more can be written. */
  protected abstract get writable(): boolean;
  /** Never throw: what has no form in the session's encoding is left out, and gives no bytes. */
  protected abstract encodeFrames(frames: Frames): Uint8Array;
  protected abstract encodeFrame(frame: DownFrame): Uint8Array;
  /** Ends the connection; everything written before is on its way. */
  protected abstract end(code: CloseCode, reason: string): void;
  abstract ping(): void;

  get buffered(): number {
    return this.#bytes + this.stream.writableLength;
  }

  deliver(frames: Frames): boolean {
    if (this.#bytes + this.stream.writableLength > LIMITS.lagBytes) return false;
    this.#push(this.encodeFrames(frames));
    return true;
  }

  mustDeliver(frames: Frames): void {
    this.push(this.encodeFrames(frames));
  }

  send(frame: DownFrame): void {
    this.push(this.encodeFrame(frame));
  }

  sendPatiently(frame: DownFrame): void {
    this.push(this.encodeFrame(frame), false);
  }

  onDrained(callback: () => void): void {
    this.#drained = callback;
    this.#markDirty();
  }

  close(code: CloseCode, reason: string): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.#drained = undefined;
    this.end(code, reason);
  }

  /** Called at the end of a turn, or when something has waited for long enough. */
  flush(): void {
    this.#dirty = false;
    const first = this.#first;
    const rest = this.#rest;
    const bytes = this.#bytes;
    this.#first = undefined;
    this.#rest = undefined;
    this.#bytes = 0;
    if (this.#closed || !this.writable) return;
    if (first !== undefined) this.#write(first, rest, bytes);
    if (this.#drained !== undefined) this.#awaitDrain();
  }

  /** Bytes that are not refused while there is room to `CUT_BYTES`. */
  protected push(bytes: Uint8Array, isUrgent = true): void {
    if (this.buffered > CUT_BYTES) this.close(CLOSE.tooFarBehind, 'never reads');
    else this.#push(bytes, isUrgent);
  }

  #push(bytes: Uint8Array, isUrgent = true): void {
    if (this.#closed || bytes.length === 0) return;
    if (this.#first === undefined) this.#first = bytes;
    else if (this.#rest === undefined) this.#rest = [bytes];
    else this.#rest.push(bytes);
    this.#bytes += bytes.length;
    if (isUrgent) this.#markDirty();
    else if (!this.#dirty) this.#scheduler.addPatient(this);
  }

  #write(first: Uint8Array, rest: Uint8Array[] | undefined, bytes: number): void {
    const { stream } = this;
    if (rest === undefined) {
      stream.write(first);
    } else if (bytes <= JOIN_BYTES) {
      stream.write(Buffer.concat([first, ...rest], bytes));
    } else {
      stream.cork();
      stream.write(first);
      for (const more of rest) stream.write(more);
      stream.uncork();
    }
  }

  #awaitDrain(): void {
    if (this.#awaiting) return;
    const done = () => {
      this.#awaiting = false;
      const callback = this.#drained;
      this.#drained = undefined;
      callback?.();
    };
    this.#awaiting = true;
    if (this.stream.writableNeedDrain) this.stream.once('drain', done);
    else done();
  }

  #markDirty(): void {
    if (this.#dirty || this.#closed) return;
    this.#dirty = true;
    this.#scheduler.add(this);
  }
}
