import type { Clock } from '@messagecore/kernel';
import { type ChatError, type Encoding, type UpFrame } from '@messagecore/protocol';
import { type RpcError } from '@messagecore/protocol/bus';
import type { About } from '../session/deps.ts';
import type { Session } from '../session/session.ts';
import { decode } from './decode.ts';
import { ConnectionLimits } from './limits.ts';
import { weightOf } from './weights.ts';

/**
 * Stands between a connection and its session: lets through what is well-formed and within the rate, answers the rest
 * with an error, and ends a connection that goes on with either.
 */
export class Gate {
  readonly #session: Session;
  readonly #encoding: Encoding;
  readonly #limits: ConnectionLimits;

  constructor(session: Session, encoding: Encoding, clock: Clock) {
    this.#session = session;
    this.#encoding = encoding;
    this.#limits = new ConnectionLimits(clock);
  }

  /** A message of the client. */
  receive(data: Buffer, isBinary: boolean): void {
    const session = this.#session;
    if (session.state === 'closed') return;
    if (session.state === 'opening') return session.defer(() => this.receive(data, isBinary), data.length);
    if (session.state === 'waiting') return this.#authenticate(data, isBinary);
    const wait = this.#take(1);
    if (wait > 0) return this.#refuse(data, isBinary, wait);
    const { frame, error, about } = decode(data, isBinary, this.#encoding);
    if (frame === undefined) return this.#malformed(error, about);
    if (frame.t === 'auth') return session.authenticate(frame.jwt);
    if (!this.#admits(frame)) return;
    session.receive(frame);
  }

  /** A protocol ping. True when it is to be answered. */
  receivePing(): boolean {
    if (this.#session.state === 'closed') return false;
    if (this.#take(1) === 0) return true;
    this.#noteRefusal(1);
    return false;
  }

  /** Before authentication every other frame closes the session. */
  #authenticate(data: Buffer, isBinary: boolean): void {
    const { frame } = decode(data, isBinary, this.#encoding);
    if (frame?.t === 'auth') this.#session.authenticate(frame.jwt, frame.inbox);
    else this.#session.dispatch('frame');
  }

  /**
   * A message over the rate. It is read, so that the refusal says what it is about; but of one who goes on and on a long
   * one is refused unread, as reading is what it would cost. Long ones count for more. A heartbeat is carried out all the
   * same, but counts: a flood of them ends like any other.
   */
  #refuse(data: Buffer, isBinary: boolean, retryAfterMs: number): void {
    const isUnread = data.length > READ_BYTES && this.#limits.refusals > READ_REFUSALS;
    const { frame, about } = isUnread ? { about: {} } : decode(data, isBinary, this.#encoding);
    if (frame?.t === 'ping') this.#session.receive(frame);
    else this.#session.refuse(tooMany(retryAfterMs), about, frame);
    this.#noteRefusal(Math.ceil(data.length / READ_BYTES));
  }

  /** A frame that names many conversations or users counts for as much as it asks for. */
  #admits(frame: UpFrame): boolean {
    const weight = weightOf(frame);
    if (weight <= 1 || this.#take(weight - 1) === 0) return true;
    // The same frame passes once all of its weight is there again.
    this.#session.refuse(tooMany(this.#take(weight)), {}, frame);
    this.#noteRefusal(weight);
    return false;
  }

  #malformed({ code, message }: ChatError, about: About): void {
    this.#session.refuse({ error: code, msg: message }, about);
    if (this.#limits.malformed()) this.#session.dispatch('malformed');
  }

  #take(frames: number): number {
    return frames <= 0 ? 0 : this.#limits.takeFrames(this.#session.framesPerConnection, frames);
  }

  #noteRefusal(weight: number): void {
    if (this.#limits.refused(weight)) this.#session.dispatch('flooding');
  }
}

/** Over the rate, a longer message counts for more, and is refused unread once so much was refused lately. */
const READ_BYTES = 16 * 1024;
const READ_REFUSALS = 100;
function tooMany(retryAfterMs: number): RpcError {
  return { error: 'rate_limited', msg: 'too many frames', retryAfterMs };
}
