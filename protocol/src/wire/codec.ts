/** JSON text frames and MessagePack binary frames of the same shapes. */
import { decode, encode } from '@msgpack/msgpack';
import { ChatError } from './catalogue.ts';
import { invalid } from './errors.ts';
import type { DownFrame } from './down.ts';
import { UpFrame } from './up.ts';
import type { Encoding } from './version.ts';

/** Bounds against hostile binary input; the frame's own size is bounded before it gets here. */
const MSGPACK_BOUNDS = { maxArrayLength: 10_000, maxMapLength: 10_000, maxBinLength: 0, maxExtLength: 0 };

/** A key that MessagePack decoders of JavaScript refuse, and with it the whole frame. */
const REFUSED_KEY = '__proto__';

/**
 * A copy that every MessagePack decoder takes. Lone surrogates become U+FFFD: MessagePack strings are UTF-8, which has no
 * form for them, while JSON carries them as escapes. Keys `__proto__` are left out: user text may have become a key.
 */
function encodable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(encodable);
  const entries = Object.entries(value).filter(([key]) => key !== REFUSED_KEY);
  return Object.fromEntries(entries.map(([key, inner]) => [key.toWellFormed(), encodable(inner)]));
}

/** Encodes a frame to what goes over the socket: a string for JSON, bytes for MessagePack. */
export function encodeFrame(frame: DownFrame | UpFrame, encoding: 'json'): string;
export function encodeFrame(frame: DownFrame | UpFrame, encoding: 'msgpack'): Uint8Array;
export function encodeFrame(frame: DownFrame | UpFrame, encoding: Encoding): string | Uint8Array;
export function encodeFrame(frame: DownFrame | UpFrame, encoding: Encoding): string | Uint8Array {
  return encoding === 'json' ? JSON.stringify(frame) : encode(encodable(frame), { ignoreUndefined: true });
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Decodes without checking the shape. Throws `bad_frame` when it is not JSON or MessagePack. */
export function decodeRaw(data: string | Uint8Array, encoding: Encoding): unknown {
  try {
    if (encoding === 'json') return JSON.parse(typeof data === 'string' ? data : STRICT_UTF8.decode(data));
    if (typeof data === 'string') throw new TypeError('a text frame on a MessagePack connection');
    // Bytes that are no UTF-8 come out of the decoder as one thing or another, depending on their number.
    return encodable(decode(data, MSGPACK_BOUNDS));
  } catch (cause) {
    // The parser quotes the input, and may cut a character in two.
    const why = (cause instanceof Error ? cause.message : String(cause)).toWellFormed();
    throw new ChatError('bad_frame', `not ${encoding === 'json' ? 'JSON' : 'MessagePack'}: ${why}`, { cause });
  }
}

/** Decodes and checks a client's frame. Throws `bad_frame` naming every wrong field. */
export function decodeUp(data: string | Uint8Array, encoding: Encoding): UpFrame {
  const parsed = UpFrame.safeParse(decodeRaw(data, encoding));
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error, 'bad_frame');
}

/** Decodes a server's frame. Unknown fields pass; the shape is the server's promise and is not checked again. */
export function decodeDown(data: string | Uint8Array, encoding: Encoding): DownFrame {
  return decodeRaw(data, encoding) as DownFrame;
}
