import type { Socket } from 'node:net';
import { type CloseCode, type DownFrame, type Encoding, encodeFrame } from '@messagecore/protocol';
import type { WebSocket } from 'ws';
import type { Frames } from './block.ts';
import { frameOf, OPCODE, PING, textFrameOf } from './framing.ts';
import { StreamSink } from './stream-sink.ts';
import type { Turn } from './turn.ts';

/**
 * A WebSocket's way out. Frames are ready-made bytes and go straight to the TCP socket, beside `ws`, which writes its own
 * frames (close) whole and at once because nothing is compressed: the two never interleave inside a frame.
 */
export class WsSink extends StreamSink<Socket> {
  readonly #ws: WebSocket;
  readonly #binary: boolean;

  constructor(ws: WebSocket, socket: Socket, encoding: Encoding, turn: Turn) {
    super(socket, turn);
    this.#ws = ws;
    this.#binary = encoding === 'msgpack';
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
    return this.#binary ? frames.binary : frames.text;
  }

  protected encodeFrame(frame: DownFrame): Uint8Array {
    if (this.#binary) return frameOf(OPCODE.binary, encodeFrame(frame, 'msgpack'));
    return textFrameOf(encodeFrame(frame, 'json'));
  }

  protected end(code: CloseCode, reason: string): void {
    this.#ws.close(code, reason);
  }
}
