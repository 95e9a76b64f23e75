import type { DownFrame, Encoding, UpFrame } from '../wire.ts';

/** Frames to what travels and back. Only shapes that the server promises are decoded; they are not checked again. */
export interface Codec {
  readonly encode: (frame: UpFrame) => string | Uint8Array<ArrayBuffer>;
  /** @throws when it is no frame at all, of whatever type. */
  readonly decode: (data: unknown) => DownFrame;
}

const json: Codec = {
  encode: (frame) => JSON.stringify(frame),
  decode: (data) => readJson(data as string),
};

/** A frame in JSON. Throws when it is none. */
export function readJson(text: string): DownFrame {
  return asFrame(JSON.parse(text));
}

/** MessagePack is loaded when somebody asks for it, so that nobody else carries it. */
export async function loadCodec(encoding: Encoding): Promise<Codec> {
  if (encoding === 'json') return json;
  const { decode, encode } = await import('@msgpack/msgpack');
  return {
    encode: (frame) => encode(wellFormed(frame), { ignoreUndefined: true }),
    decode: (data) => {
      const bytes = new Uint8Array(data as ArrayBuffer);
      // No list has more items than bytes; the decoder makes room for as many as are announced.
      const bounds = { maxArrayLength: bytes.length, maxMapLength: bytes.length };
      return asFrame(decodeAnyKey(bytes, (safe) => decode(safe, bounds)));
    },
  };
}

function asFrame(value: unknown): DownFrame {
  const isFrame = typeof value === 'object' && value !== null && typeof Reflect.get(value, 't') === 'string';
  if (!isFrame) throw new TypeError('not a frame');
  return value as DownFrame;
}

const LONE_SURROGATE = /\p{Surrogate}/gu;

/** MessagePack has no form for a lone surrogate; the contract says that it reads U+FFFD. */
function wellFormed(value: unknown): unknown {
  return mapText(value, (text) => text.replace(LONE_SURROGATE, '\uFFFD'));
}

/** The value with every text in it changed, names of fields too. Any name stays a field of its own. */
function mapText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => mapText(item, change));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [change(key), mapText(inner, change)]));
}

const FORBIDDEN = '__proto__';
const FORBIDDEN_BYTES = new TextEncoder().encode(FORBIDDEN);

/**
 * The decoder refuses a map with the key `__proto__`, and users may write that: as a reaction, for one. So it is decoded
 * under a name of the same length that does not occur in the frame, and gets its own back afterwards.
 */
function decodeAnyKey(bytes: Uint8Array, decode: (safe: Uint8Array) => unknown): unknown {
  if (placesOf(FORBIDDEN_BYTES, bytes).length === 0) return decode(bytes);
  let marker = '';
  for (let n = 0; marker === '' || placesOf(new TextEncoder().encode(marker), bytes).length > 0; n += 1)
    marker = `~${String(n).padStart(FORBIDDEN.length - 1, '0')}`;
  const safe = bytes.slice();
  for (const place of placesOf(FORBIDDEN_BYTES, bytes)) safe.set(new TextEncoder().encode(marker), place);
  return mapText(decode(safe), (text) => text.replaceAll(marker, FORBIDDEN));
}

/** Where `part` stands in `bytes`; places that overlap count once. */
function placesOf(part: Uint8Array, bytes: Uint8Array): number[] {
  const places: number[] = [];
  const [first = 0] = part;
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at)) {
    const found = part.every((byte, i) => bytes[at + i] === byte);
    if (found) places.push(at);
    at += found ? part.length : 1;
  }
  return places;
}
