/** Reads messages of protocol buffers by a table of their fields, and refuses whatever the table does not allow. */

export type FieldKind = 'string' | 'bytes' | 'fixed64' | 'fixed32' | 'varint' | 'double' | MessageType;

/** The fields of a message by their numbers: name, kind, and whether there may be several. */
export type MessageType = {
  readonly [number: number]: readonly [name: string, kind: FieldKind, repeated?: 'repeated'];
};

export type Decoded = { [name: string]: unknown };

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

function wireTypeOf(kind: FieldKind): number {
  if (kind === 'varint') return VARINT;
  if (kind === 'fixed64' || kind === 'double') return FIXED64;
  return kind === 'fixed32' ? FIXED32 : LENGTH;
}

/** @throws Error naming what is wrong and where. */
export function decodeMessage(type: MessageType, bytes: Uint8Array, where = 'message'): Decoded {
  const reader = new Reader(bytes, where);
  const decoded: Decoded = {};
  while (!reader.atEnd) {
    const tag = Number(reader.varint());
    const field = type[tag >> 3];
    if (field === undefined) throw new Error(`${where}: no field ${tag >> 3}`);
    const [name, kind, repeated] = field;
    const at = `${where}.${name}`;
    if ((tag & 7) !== wireTypeOf(kind)) throw new Error(`${at}: wire type ${tag & 7}`);
    const value = valueOf(kind, reader, at);
    if (repeated === undefined) decoded[name] = value;
    else decoded[name] = [...((decoded[name] as unknown[] | undefined) ?? []), value];
  }
  return decoded;
}

function valueOf(kind: FieldKind, reader: Reader, where: string): unknown {
  switch (kind) {
    case 'varint':
      return reader.varint();
    case 'fixed64':
      return reader.view(8).getBigUint64(0, true);
    case 'double':
      return reader.view(8).getFloat64(0, true);
    case 'fixed32':
      return reader.view(4).getUint32(0, true);
    case 'bytes':
      return reader.bytes();
    case 'string':
      return new TextDecoder('utf-8', { fatal: true }).decode(reader.bytes());
    default:
      return decodeMessage(kind, reader.bytes(), where);
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #where: string;
  #at = 0;

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = bytes;
    this.#where = where;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error(`${this.#where}: a number without an end`);
  }

  bytes(): Uint8Array {
    return this.#take(Number(this.varint()));
  }

  view(length: number): DataView {
    const { buffer, byteOffset } = this.#take(length);
    return new DataView(buffer, byteOffset, length);
  }

  #take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new Error(`${this.#where}: ends too early`);
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }
}
