/** Frames, and their bytes, that may wait while a token is verified. */
const FRAMES = 1_024;
const BYTES = 256 * 1024;

/** A frame that arrived too early; `again` lets it arrive once more. */
export interface Deferred {
  readonly again: () => void;
  readonly bytes: number;
}

/** What a session receives while its token is being verified, in order. */
export class Backlog {
  readonly frames: Deferred[] = [];
  #bytes = 0;

  /** False when that is too much. */
  add(deferred: Deferred): boolean {
    this.frames.push(deferred);
    this.#bytes += deferred.bytes;
    return this.frames.length <= FRAMES && this.#bytes <= BYTES;
  }
}
