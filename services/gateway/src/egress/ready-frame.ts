import type { DownFrame } from '@messagecore/protocol';
import { encodeFrame } from '@messagecore/protocol';
import type { EncodingFailure, Frames } from './block.ts';
import { frameOf, OPCODE } from './framing.ts';

const NOTHING = new Uint8Array(0);

/** One frame that came as JSON and is passed on as it is. Only MessagePack has to look inside. */
export class ReadyFrame implements Frames {
  readonly cid: string;
  readonly count = 1;
  readonly #json: Buffer;
  #text: Uint8Array | undefined;
  #binary: Uint8Array | undefined;
  #failures: EncodingFailure[] | undefined;

  /** Copies `json`. `cid` is the conversation that it is about, empty where there is none. */
  constructor(cid: string, json: Uint8Array) {
    this.cid = cid;
    this.#json = Buffer.from(json);
  }

  get text(): Uint8Array {
    this.#text ??= frameOf(OPCODE.text, this.#json);
    return this.#text;
  }

  get binary(): Uint8Array {
    this.#binary ??= this.#encode();
    return this.#binary;
  }

  get failures(): readonly EncodingFailure[] | undefined {
    return this.#failures;
  }

  each(visit: (json: Uint8Array, t: string, seq: undefined, rev: undefined) => void): void {
    visit(this.#json, this.#parsed().t, undefined, undefined);
  }

  #parsed(): DownFrame {
    return JSON.parse(this.#json.toString()) as DownFrame;
  }

  #encode(): Uint8Array {
    const frame = this.#parsed();
    try {
      return frameOf(OPCODE.binary, encodeFrame(frame, 'msgpack'));
    } catch (error) {
      this.#failures = [{ cid: this.cid, t: frame.t, number: undefined, error }];
      return NOTHING;
    }
  }
}
