import type { DownFrame, DownFrameOf } from '@messagecore/protocol';

type Type = DownFrame['t'];

/** Fields that a frame must have, compared by value. */
export type Wanted<T extends Type> = { readonly [K in keyof DownFrameOf<T>]?: DownFrameOf<T>[K] };

/** For a machine that is busy. */
const DEFAULT_TIMEOUT_MS = 60_000;

interface Place {
  readonly frame: DownFrame;
  /** In `all`. */
  readonly at: number;
}

interface Waiter {
  readonly check: () => void;
  readonly fail: (error: Error) => void;
}

/**
 * Everything that one session was sent, in order, and ways to wait for more of it. Whoever waits is told as soon as the
 * session has ended, with the last frames in the message, rather than after a time-out.
 */
export class FrameRecord {
  readonly all: DownFrame[] = [];
  readonly #ofType = new Map<Type, Place[]>();
  readonly #waiters = new Set<Waiter>();
  #ended: string | undefined;
  #asksSoon = false;

  add(frame: DownFrame): void {
    const sameType = this.#ofType.get(frame.t);
    const place = { frame, at: this.all.length };
    if (sameType === undefined) this.#ofType.set(frame.t, [place]);
    else sameType.push(place);
    this.all.push(frame);
    this.#askSoon();
  }

  /** Once for all frames that were read from the socket together: conditions may look through all that came. */
  #askSoon(): void {
    if (this.#asksSoon || this.#waiters.size === 0) return;
    this.#asksSoon = true;
    queueMicrotask(() => {
      this.#asksSoon = false;
      this.#ask();
    });
  }

  #ask(): void {
    for (const waiter of this.#waiters) waiter.check();
  }

  /** No more frames will come. */
  end(why: string): void {
    this.#ended = why;
    this.#ask();
    for (const waiter of this.#waiters) waiter.fail(new Error(why));
  }

  /** All of this type with these fields, counted from position `from` in `all`. */
  of<T extends Type>(t: T, wanted: Wanted<T> = {}, { from = 0 } = {}): DownFrameOf<T>[] {
    const found: DownFrameOf<T>[] = [];
    for (const { frame, at } of this.#ofType.get(t) ?? []) {
      if (at >= from && matches(frame, wanted)) found.push(frame as DownFrameOf<T>);
    }
    return found;
  }

  messages(cid: string): DownFrameOf<'message'>[] {
    return this.of('message', { cid });
  }

  seqs(cid: string): number[] {
    return this.messages(cid).map(({ seq }) => seq);
  }

  /** The first frame of this type with these fields, counted from position `from` in `all`. */
  async next<T extends Type>(t: T, wanted: Wanted<T> = {}, { from = 0, timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
    const matching = (frame: DownFrame): frame is DownFrameOf<T> => frame.t === t && matches(frame, wanted);
    let found: DownFrameOf<T> | undefined;
    let looked = from;
    const look = () => {
      found = this.all.slice(looked).find(matching);
      looked = this.all.length;
      return found !== undefined;
    };
    await this.until(`${t} ${JSON.stringify(wanted)}`, look, timeoutMs);
    return found as DownFrameOf<T>;
  }

  /** Settles once `condition` holds; it is asked again whenever frames have come. */
  until(what: string, condition: () => boolean, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<void> {
    if (condition()) return Promise.resolve();
    if (this.#ended !== undefined) return Promise.reject(this.#errorOf(what, this.#ended));
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        settle();
      };
      const fail = (error: Error) => finish(() => reject(this.#errorOf(what, error.message)));
      const waiter: Waiter = { check: () => condition() && finish(resolve), fail };
      const timer = setTimeout(() => fail(new Error(`nothing for ${timeoutMs} ms`)), timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  #errorOf(what: string, why: string): Error {
    const last = this.all.slice(-5).map((frame) => JSON.stringify(frame).slice(0, 200));
    return new Error(`waited for ${what}: ${why}. ${this.all.length} frames, the last:\n  ${last.join('\n  ')}`);
  }
}

/** Tests with thousands of frames ask this again after each of them. */
function matches(frame: object, wanted: object): boolean {
  for (const name in wanted) {
    const value = (wanted as Record<string, unknown>)[name];
    const actual = (frame as Record<string, unknown>)[name];
    if (actual === value) continue;
    if (typeof value !== 'object' || JSON.stringify(actual) !== JSON.stringify(value)) return false;
  }
  return true;
}
