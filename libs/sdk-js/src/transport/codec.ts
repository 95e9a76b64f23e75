import type { DownFrame, Encoding, UpFrame } from '@messagecore/protocol';

/** Frames to what travels and back. Only shapes that the server promises are decoded; they are not checked again. */
export interface Codec {
  readonly encode: (frame: UpFrame) => string | Uint8Array<ArrayBuffer>;
  /** @throws when it is no frame at all, of whatever type. */
  readonly decode: (data: unknown) => DownFrame;
}

const json: Codec = {
  encode: (frame) => JSON.stringify(frame),
  decode: (data) => asFrame(JSON.parse(data as string)),
};

/** MessagePack is loaded when somebody asks for it, so that nobody else carries it. */
export async function loadCodec(encoding: Encoding): Promise<Codec> {
  if (encoding === 'json') return json;
  const { decode, encode } = await import('@msgpack/msgpack');
  return {
    encode: (frame) => encode(wellFormed(frame), { ignoreUndefined: true }),
    decode: (data) => {
      const bytes = new Uint8Array(data as ArrayBuffer);
      // No list has more items than bytes; the decoder makes room for as many as are announced.
      return asFrame(decode(bytes, { maxArrayLength: bytes.length, maxMapLength: bytes.length }));
    },
  };
}

function asFrame(value: unknown): DownFrame {
  const isFrame = typeof value === 'object' && value !== null && typeof Reflect.get(value, 't') === 'string';
  if (!isFrame) throw new TypeError('not a frame');
  return value as DownFrame;
}

/** MessagePack has no form for a lone surrogate; the contract says that it reads U+FFFD. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(wellFormed);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, wellFormed(inner)]));
}
