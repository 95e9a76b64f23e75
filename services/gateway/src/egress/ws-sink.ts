import type { Socket } from 'node:net';
import { type CloseCode, type DownFrame, type Encoding, encodeFrame } from '@messagecore/protocol';
import type { WebSocket } from 'ws';
import type { EncodingFailure, Frames } from './block.ts';
import { frameOf, OPCODE, PING, textFrameOf } from './framing.ts';
import { StreamSink } from './stream-sink.ts';
import type { FlushScheduler } from './flush-scheduler.ts';

/** Told of every frame that a session did not get, because it has no form in the session's encoding. */
export type OnUnencodable = (failure: EncodingFailure) => void;

const NOTHING = new Uint8Array(0);

/**
 * A WebSocket's way out. Frames are ready-made bytes and go straight to the TCP socket, beside `ws`, which writes its own
 * frames (close) whole and at once because nothing is compressed: the two never interleave inside a frame.
 */
export class WsSink extends StreamSink<Socket> {
  readonly #ws: WebSocket;
  readonly #binary: boolean;
  readonly #onUnencodable: OnUnencodable;

  constructor(
    ws: WebSocket,
    socket: Socket,
    encoding: Encoding,
    scheduler: FlushScheduler,
    onUnencodable: OnUnencodable,
  ) {
    super(socket, scheduler);
    this.#ws = ws;
    this.#binary = encoding === 'msgpack';
    this.#onUnencodable = onUnencodable;
  }

  get received(): number {
    return this.stream.bytesRead;
  }

  ping(): void {
    this.push(PING);
  }

  /** Answers a protocol ping. */
  pong(payload: Uint8Array): void {
    this.push(frameOf(OPCODE.pong, payload));
  }

  protected get writable(): boolean {
    return this.#ws.readyState === this.#ws.OPEN;
  }

  protected encodeFrames(frames: Frames): Uint8Array {
    if (!this.#binary) return frames.text;
    const bytes = frames.binary;
    for (const failure of frames.failures ?? []) this.#onUnencodable(failure);
    return bytes;
  }

  protected encodeFrame(frame: DownFrame): Uint8Array {
    try {
      if (this.#binary) return frameOf(OPCODE.binary, encodeFrame(frame, 'msgpack'));
      return textFrameOf(encodeFrame(frame, 'json'));
    } catch (error) {
      const cid = 'cid' in frame && frame.cid !== undefined ? frame.cid : '';
      this.#onUnencodable({ cid, t: frame.t, number: undefined, error });
      return NOTHING;
    }
  }

  protected end(code: CloseCode, reason: string): void {
    this.#ws.close(code, reason);
  }
}
