/** One WebSocket session that keeps nothing of what it gets: a run of many seeds has tens of thousands of them. */
import { once } from 'node:events';
import {
  decodeDown,
  type DownFrame,
  encodeFrame,
  type ErrorCode,
  SUBPROTOCOLS,
  type UpFrame,
} from '@messagecore/protocol';
import { WebSocket } from 'ws';

/** How a request ended: `code` when it was refused, `seq` of a message that is stored. */
export interface Answer {
  readonly code?: ErrorCode;
  readonly seq?: number;
}

export type OnFrame = (frame: DownFrame, session: Session) => void;

export class Session {
  readonly #socket: WebSocket;
  /** By the `ref` or `mid` of the request. */
  readonly #waiting = new Map<string, PromiseWithResolvers<Answer>>();

  private constructor(socket: WebSocket, onFrame: OnFrame) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const frame = decodeDown(data.toString(), 'json');
      this.#settle(frame);
      onFrame(frame, this);
    });
    socket.on('close', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the session ended with ${code}`));
    });
  }

  /** Settles when the session is ready. */
  static async open(url: string, token: string, onFrame: OnFrame): Promise<Session> {
    const socket = new WebSocket(`${url}?token=${token}`, [SUBPROTOCOLS.json], { perMessageDeflate: false });
    socket.on('error', () => {});
    const ready = Promise.withResolvers<void>();
    const session = new Session(socket, (frame, self) =>
      frame.t === 'ready' ? ready.resolve() : onFrame(frame, self),
    );
    const closed = once(socket, 'close').then(([code]) => {
      throw new Error(`the session ended with ${code} before it was ready`);
    });
    closed.catch(() => {});
    await Promise.race([ready.promise, closed]);
    return session;
  }

  /** Nothing once the session has ended. */
  send(frame: UpFrame): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(encodeFrame(frame, 'json'));
  }

  /** Settles with the one answer to this request. Rejects when the session ends before. */
  ask(frame: UpFrame): Promise<Answer> {
    const name = 'ref' in frame ? frame.ref : 'mid' in frame ? frame.mid : undefined;
    if (name === undefined) throw new Error(`${frame.t} has no answer`);
    const answer = Promise.withResolvers<Answer>();
    this.#waiting.set(name, answer);
    this.send(frame);
    return answer.promise;
  }

  /** Ends without a closing handshake. */
  cut(): void {
    this.#socket.removeAllListeners('message');
    this.#socket.terminate();
  }

  #settle(frame: DownFrame): void {
    if (frame.t === 'ack') this.#answer(frame.mid, { seq: frame.pos });
    if (frame.t === 'result') this.#answer(frame.ref, {});
    if (frame.t === 'error' && frame.ref !== undefined) this.#answer(frame.ref, { code: frame.code });
  }

  #answer(name: string, answer: Answer): void {
    this.#waiting.get(name)?.resolve(answer);
    this.#waiting.delete(name);
  }
}
