import type { DownFrame } from '@messagecore/protocol';
import { encodeFrame } from '@messagecore/protocol';
import type { EncodingFailure, Frames } from './block.ts';
import { frameOf, OPCODE } from './framing.ts';

const NOTHING = new Uint8Array(0);

/** One frame that came as JSON and is passed on as it is. Only for MessagePack it is parsed, once. */
export class ReadyFrame implements Frames {
  readonly cid: string;
  readonly count = 1;
  readonly #t: DownFrame['t'];
  readonly #json: Buffer;
  #text: Uint8Array | undefined;
  #binary: Uint8Array | undefined;
  #failures: EncodingFailure[] | undefined;

  /** Copies `json`, a frame of this kind. `cid` is the conversation that it is about, empty where there is none. */
  constructor(t: DownFrame['t'], cid: string, json: Uint8Array) {
    this.#t = t;
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
    visit(this.#json, this.#t, undefined, undefined);
  }

  #encode(): Uint8Array {
    try {
      const frame = JSON.parse(this.#json.toString()) as DownFrame;
      return frameOf(OPCODE.binary, encodeFrame(frame, 'msgpack'));
    } catch (error) {
      this.#failures = [{ cid: this.cid, t: this.#t, number: undefined, error }];
      return NOTHING;
    }
  }
}
