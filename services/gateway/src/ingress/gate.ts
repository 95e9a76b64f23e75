import type { Clock } from '@messagecore/kernel';
import { type ChatError, type Encoding, type RpcError, type UpFrame } from '@messagecore/protocol';
import type { About } from '../session/deps.ts';
import type { Session } from '../session/session.ts';
import { check, read } from './decode.ts';
import { ConnectionLimits } from './limits.ts';

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
    const message = read(data, isBinary, this.#encoding);
    const weight = weightOf(message.value);
    // What asks for much is refused before it costs the check of all that it asks for.
    if (weight > 1 && session.state !== 'waiting' && !this.#withinRate(undefined, {}, weight)) return;
    const { frame, error, about } = check(message);
    if (session.state === 'waiting') {
      // Whatever it is: without a token there is nothing to say about it.
      if (frame?.t === 'auth') session.authenticate(frame.jwt);
      else session.dispatch('frame');
      return;
    }
    if (weight === 1 && !this.#withinRate(frame, about, weight)) return;
    if (frame === undefined) return this.#malformed(error, about);
    if (frame.t === 'auth') session.authenticate(frame.jwt);
    else session.receive(frame);
  }

  /** A protocol ping. True when it is to be answered. */
  receivePing(): boolean {
    if (this.#session.state === 'closed') return false;
    if (this.#limits.takeFrame(this.#session.framesPerConnection) === 0) return true;
    this.#noteRefusal();
    return false;
  }

  /** A heartbeat is carried out over the rate too, but counts: a flood of them ends like any other. */
  #withinRate(frame: UpFrame | undefined, about: About, weight: number): boolean {
    const retryAfterMs = this.#limits.takeFrame(this.#session.framesPerConnection, weight);
    if (retryAfterMs === 0) return true;
    const isHeartbeat = frame?.t === 'ping';
    const refusal: RpcError = { error: 'rate_limited', msg: 'too many frames', retryAfterMs };
    if (!isHeartbeat) this.#session.refuse(refusal, about, frame);
    this.#noteRefusal(weight);
    return isHeartbeat;
  }

  #malformed({ code, message }: ChatError, about: About): void {
    this.#session.refuse({ error: code, msg: message }, about);
    if (this.#limits.malformed()) this.#session.dispatch('malformed');
  }

  #noteRefusal(weight = 1): void {
    if (this.#limits.refused(weight)) this.#session.dispatch('flooding');
  }
}

/** Conversations of a `resume` that cost as much as a frame. */
const JOINS_PER_FRAME = 50;

/** A frame that asks for much counts for more than one. */
function weightOf(frame: unknown): number {
  if (typeof frame !== 'object' || frame === null || !('pos' in frame) || typeof frame.pos !== 'object') return 1;
  return Math.max(1, Math.ceil(Object.keys(frame.pos ?? {}).length / JOINS_PER_FRAME));
}
