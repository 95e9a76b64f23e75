import { type DownFrame, type DownFrameOf, encodeFrame } from '@messagecore/protocol';
import { gapFrame, type GapReason } from './gap.ts';
import { frameOf, headerBytes, OPCODE, payloadStart, writeHeader } from './framing.ts';

/** What a block takes beyond its frames, about: the object and its place in a list, an offset, a mark. */
const BLOCK_BYTES = 256;
const NUMBER_BYTES = 8;
const MARK_BYTES = 48;
const NOTHING = new Uint8Array(0);

/** What a block's numbers count: messages and gaps by `seq`, updates by `rev`. */
export type BlockKind = 'message' | 'update' | 'gap';

/** Something that can be written to sockets of either encoding as it is, or frame by frame. */
export interface Frames {
  readonly cid: string;
  /** WebSocket text frames, one after the other. */
  readonly text: Uint8Array;
  /** The same as binary frames of MessagePack; made when first asked for, then kept. */
  readonly binary: Uint8Array;
  /** Frames that `binary` leaves out, as they have no form in MessagePack; undefined when there are none. */
  readonly failures?: readonly EncodingFailure[] | undefined;
  /** Number of frames. */
  readonly count: number;
  /** Visits the JSON of every frame with the position that a receiver has reached after it. */
  each(visit: (json: Uint8Array, t: string, seq: number | undefined, rev: number | undefined) => void): void;
}

/** A frame that could not be encoded. */
export interface EncodingFailure {
  readonly cid: string;
  readonly t: string;
  /** `seq` of a message or gap, `rev` of an update. */
  readonly number: number | undefined;
  readonly error: unknown;
}

interface Parts {
  readonly kind: BlockKind;
  readonly cid: string;
  /** Number of the first frame. */
  readonly first: number;
  /** Number of the last frame; for a gap, the last that is missing. */
  readonly last: number;
  readonly bytes: Buffer;
  /** Where each frame starts in `bytes`, and where the last one ends. */
  readonly starts: readonly number[];
  /** Updates only: `rev` and `seq` of each frame. */
  readonly marks?: readonly Mark[];
}

export interface Mark {
  readonly rev: number;
  readonly seq: number;
}

/**
 * A run of frames of one conversation, framed for the wire once. It owns its memory: nothing of the buffer that the bus
 * delivered stays alive through it. Immutable; slices share the memory.
 */
export class Block implements Frames {
  readonly kind: BlockKind;
  readonly cid: string;
  readonly first: number;
  readonly last: number;
  readonly marks: readonly Mark[] | undefined;
  readonly #bytes: Buffer;
  readonly #starts: readonly number[];
  #binary: Uint8Array | undefined;
  #failures: EncodingFailure[] | undefined;
  #onGrowth: ((bytes: number) => void) | undefined;

  private constructor({ kind, cid, first, last, bytes, starts, marks }: Parts) {
    this.kind = kind;
    this.cid = cid;
    this.first = first;
    this.last = last;
    this.marks = marks;
    this.#bytes = bytes;
    this.#starts = starts;
  }

  /** Messages `first …`, dense, from their JSON. */
  static messages(cid: string, first: number, frames: readonly Uint8Array[]): Block {
    return new Block({ kind: 'message', cid, first, last: first + frames.length - 1, ...joined(frames) });
  }

  /** Updates in ascending `rev`, from their JSON. */
  static updates(cid: string, frames: readonly Uint8Array[], marks: readonly Mark[]): Block {
    const first = marks[0]?.rev ?? 0;
    return new Block({ kind: 'update', cid, first, last: marks.at(-1)?.rev ?? 0, ...joined(frames), marks });
  }

  /** The `gap` frame for messages `first … last`, which can never come. */
  static gap(cid: string, first: number, last: number, reason: GapReason): Block {
    const frame = gapFrame(cid, first, last, reason);
    return new Block({ kind: 'gap', cid, first, last, ...joined([Buffer.from(encodeFrame(frame, 'json'))]) });
  }

  get count(): number {
    return this.#starts.length - 1;
  }

  get byteLength(): number {
    return this.#start(this.count) - this.#start(0);
  }

  /** Bytes of memory that it keeps alive, about; slices count what they share. Grows once when `binary` is made. */
  get memoryBytes(): number {
    const marks = (this.marks?.length ?? 0) * MARK_BYTES;
    return BLOCK_BYTES + this.#bytes.length + this.#starts.length * NUMBER_BYTES + marks + (this.#binary?.length ?? 0);
  }

  /** True when most of the memory that it keeps alive is not its own. */
  get isWasteful(): boolean {
    return this.byteLength * 4 < this.#bytes.length * 3;
  }

  get failures(): readonly EncodingFailure[] | undefined {
    return this.#failures;
  }

  /** `onGrowth` hears of memory that is taken later, until another call replaces it. */
  watchGrowth(onGrowth: ((bytes: number) => void) | undefined): void {
    this.#onGrowth = onGrowth;
  }

  get text(): Uint8Array {
    const from = this.#start(0);
    const to = this.#start(this.count);
    return from === 0 && to === this.#bytes.length ? this.#bytes : this.#bytes.subarray(from, to);
  }

  get binary(): Uint8Array {
    if (this.#binary === undefined) {
      this.#binary = Buffer.concat(Array.from({ length: this.count }, (_, index) => this.#binaryFrame(index)));
      this.#onGrowth?.(this.#binary.length);
    }
    return this.#binary;
  }

  /** One frame in MessagePack. Of a message without such a form the place is told, so that the reader's position goes on. */
  #binaryFrame(index: number): Uint8Array {
    try {
      const frame = JSON.parse(this.json(index).toString()) as DownFrame;
      return frameOf(OPCODE.binary, encodeFrame(frame, 'msgpack'));
    } catch (error) {
      const { cid, kind } = this;
      const number = kind === 'update' ? this.marks?.[index]?.rev : this.first + index;
      (this.#failures ??= []).push({ cid, t: kind, number, error });
      if (kind !== 'message' || number === undefined) return NOTHING;
      return frameOf(OPCODE.binary, encodeFrame(gapFrame(cid, number, number, 'erased'), 'msgpack'));
    }
  }

  /** The JSON of one frame, without the WebSocket header. */
  json(index: number): Buffer {
    return this.#bytes.subarray(payloadStart(this.#bytes, this.#start(index)), this.#start(index + 1));
  }

  /** Frames `from … to` (indexes, `to` excluded). Not for gaps. */
  slice(from: number, to: number): Block {
    if (from === 0 && to === this.count) return this;
    const marks = this.marks?.slice(from, to);
    return new Block({
      kind: this.kind,
      cid: this.cid,
      first: marks?.[0]?.rev ?? this.first + from,
      last: marks?.at(-1)?.rev ?? this.first + to - 1,
      bytes: this.#bytes,
      starts: this.#starts.slice(from, to + 1),
      ...(marks && { marks }),
    });
  }

  /** The frames that are wanted, by index, as blocks. Not for gaps. */
  picked(wanted: readonly boolean[]): readonly Block[] {
    if (wanted.every(Boolean)) return [this];
    return wanted.flatMap((isWanted, index) => (isWanted ? [this.slice(index, index + 1)] : []));
  }

  /** The same frames in memory of their own. Not for gaps. */
  copy(): Block {
    const frames = Array.from({ length: this.count }, (_, index) => this.json(index));
    const { kind, cid, first, last, marks } = this;
    return new Block({ kind, cid, first, last, ...joined(frames), ...(marks && { marks }) });
  }

  /** The same gap, told for a part of it. */
  gapWithin(first: number, last: number): Block {
    const frame = JSON.parse(this.json(0).toString()) as DownFrameOf<'gap'>;
    return Block.gap(this.cid, first, last, frame.reason);
  }

  each(visit: (json: Uint8Array, t: string, seq: number | undefined, rev: number | undefined) => void): void {
    for (let index = 0; index < this.count; index += 1) {
      const json = this.json(index);
      if (this.kind === 'update') visit(json, 'update', undefined, this.marks?.[index]?.rev);
      else visit(json, this.kind, this.kind === 'gap' ? this.last : this.first + index, undefined);
    }
  }

  #start(index: number): number {
    return this.#starts[index] ?? 0;
  }
}

/** Several as one: what a room sends in one turn, or one slice of a replay. */
export class Batch implements Frames {
  readonly cid: string;
  readonly #parts: readonly Frames[];
  #text: Uint8Array | undefined;
  #binary: Uint8Array | undefined;

  constructor(cid: string, parts: readonly Frames[]) {
    this.cid = cid;
    this.#parts = parts;
  }

  get text(): Uint8Array {
    this.#text ??= concat(this.#parts, (part) => part.text);
    return this.#text;
  }

  get binary(): Uint8Array {
    this.#binary ??= concat(this.#parts, (part) => part.binary);
    return this.#binary;
  }

  get failures(): readonly EncodingFailure[] | undefined {
    if (this.#parts.every(({ failures }) => failures === undefined)) return undefined;
    return this.#parts.flatMap(({ failures }) => failures ?? []);
  }

  get count(): number {
    return this.#parts.reduce((sum, part) => sum + part.count, 0);
  }

  each(visit: (json: Uint8Array, t: string, seq: number | undefined, rev: number | undefined) => void): void {
    for (const part of this.#parts) part.each(visit);
  }
}

/** The messages that these changes are about, ascending. */
export function changedIn(frames: readonly Frames[]): readonly number[] {
  const changed: number[] = [];
  for (const part of frames) if (part instanceof Block) for (const { seq } of part.marks ?? []) changed.push(seq);
  return changed.sort((a, b) => a - b);
}

/** The same without changes of messages before `from`. */
export function withoutChangesBefore(frames: readonly Frames[], from: number): readonly Frames[] {
  return frames.flatMap((part): readonly Frames[] => {
    if (!(part instanceof Block) || part.marks === undefined) return [part];
    return part.picked(part.marks.map(({ seq }) => seq >= from));
  });
}

/** One frame that has no place in the log: a typing, read or conv frame. */
export class Signal implements Frames {
  readonly cid: string;
  readonly count = 1;
  readonly #frame: DownFrame;
  #text: Uint8Array | undefined;
  #binary: Uint8Array | undefined;

  constructor(cid: string, frame: DownFrame) {
    this.cid = cid;
    this.#frame = frame;
  }

  get text(): Uint8Array {
    this.#text ??= frameOf(OPCODE.text, Buffer.from(encodeFrame(this.#frame, 'json')));
    return this.#text;
  }

  get binary(): Uint8Array {
    this.#binary ??= frameOf(OPCODE.binary, encodeFrame(this.#frame, 'msgpack'));
    return this.#binary;
  }

  each(visit: (json: Uint8Array, t: string, seq: undefined, rev: undefined) => void): void {
    visit(Buffer.from(encodeFrame(this.#frame, 'json')), this.#frame.t, undefined, undefined);
  }
}

function concat(parts: readonly Frames[], bytesOf: (part: Frames) => Uint8Array): Uint8Array {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? bytesOf(only) : Buffer.concat(parts.map(bytesOf));
}

/** Not from the shared pool: a block may live long, and would keep a pool of short-lived neighbours alive with it. */
function joined(frames: readonly Uint8Array[]): { bytes: Buffer; starts: number[] } {
  const starts = [0];
  let end = 0;
  for (const frame of frames) starts.push((end += headerBytes(frame.length) + frame.length));
  const bytes = Buffer.allocUnsafeSlow(end);
  for (const [index, frame] of frames.entries()) {
    bytes.set(frame, writeHeader(bytes, starts[index] ?? 0, OPCODE.text, frame.length));
  }
  return { bytes, starts };
}
