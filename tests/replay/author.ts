import { type Deferred, deferred } from '@messagecore/kernel';
import { ChatError, type DownFrame, type UpFrameOf } from '@messagecore/protocol';
import { openSocket, type ProtocolSocket } from './socket.ts';

const ACK_TIMEOUT_MS = 20_000;

/** The connection went away, or an answer did not come: send again with the same `mid`. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** One author's connection. Sends and waits for the answer; trying again is the caller's matter. */
export class Author {
  readonly #waiting = new Map<string, Deferred<number>>();
  readonly #onGone: () => void;
  #socket: ProtocolSocket | undefined;

  private constructor(onGone: () => void) {
    this.#onGone = onGone;
  }

  static async connect(gateway: string, token: string, onGone: () => void): Promise<Author> {
    const author = new Author(onGone);
    author.#socket = await openSocket(gateway, token, {
      onFrame: (frame) => author.#take(frame),
      onClose: (code) => author.#gone(code),
    });
    return author;
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0;
  }

  /** Settles with the `seq`. @throws Interrupted, or the ChatError of a refusal. */
  async send(frame: UpFrameOf<'send'>): Promise<number> {
    if (this.#socket === undefined) throw new Interrupted('closed');
    const answer = deferred<number>();
    this.#waiting.set(frame.mid, answer);
    this.#socket.send(frame);
    const timer = setTimeout(() => {
      answer.reject(new Interrupted(`no answer within ${ACK_TIMEOUT_MS} ms`));
      this.#socket?.cut();
    }, ACK_TIMEOUT_MS);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(frame.mid);
    }
  }

  close(): void {
    this.#socket?.close();
  }

  #take(frame: DownFrame): void {
    if (frame.t === 'ack') this.#waiting.get(frame.mid)?.resolve(frame.pos);
    if (frame.t !== 'error' || frame.ref === undefined) return;
    const { code, msg, retryAfterMs } = frame;
    this.#waiting.get(frame.ref)?.reject(new ChatError(code, msg, retryAfterMs === undefined ? {} : { retryAfterMs }));
  }

  #gone(code: number): void {
    this.#socket = undefined;
    for (const answer of this.#waiting.values()) answer.reject(new Interrupted(`closed with ${code}`));
    this.#onGone();
  }
}
