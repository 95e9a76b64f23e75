/**
 * Finds out from a message's bytes how deep it nests, before it is parsed, as parsers spend most on deep nesting. For
 * bytes that are neither JSON nor MessagePack the result means nothing: the parser refuses them anyway.
 */
import { isUtf8 } from 'node:buffer';
import type { Encoding } from '@messagecore/protocol';

export function nestsDeeper(data: Uint8Array, limit: number, encoding: Encoding): boolean {
  return encoding === 'json' ? jsonNestsDeeper(data, limit) : msgpackFault(data, limit) === 'deep';
}

/**
 * Whether MessagePack announces more values than it has bytes left. A parser makes room for what is announced before it
 * looks for it, so a few bytes could cost megabytes.
 */
export function announcesTooMuch(data: Uint8Array): boolean {
  return msgpackFault(data, Number.POSITIVE_INFINITY) === 'long';
}

/**
 * Whether MessagePack has a string whose bytes are no UTF-8. Its parser makes of them one thing or another, depending on
 * their number.
 */
export function hasBadText(data: Uint8Array): boolean {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at < data.length;) {
    const byte = view.getUint8(at);
    const { next } = valueAt(view, at);
    const lengthBytes = STRING_LENGTH_BYTES.get(byte);
    const from = at + 1 + (lengthBytes ?? 0);
    if ((lengthBytes !== undefined || isShortString(byte)) && !isUtf8(data.subarray(from, next))) return true;
    at = next;
  }
  return false;
}

/** Size of the length field of strings that are not short. */
const STRING_LENGTH_BYTES = new Map(entries(0xd9, [1, 2, 4]));
const isShortString = (byte: number) => byte >= 0xa0 && byte <= 0xbf;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `[` and `]` differ from `{` and `}` in this bit alone. */
const CURLY = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;

function jsonNestsDeeper(data: Uint8Array, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < data.length; at += 1) {
    const byte = data[at] ?? 0;
    if (byte === QUOTE) inString = !inString;
    else if (byte === BACKSLASH && inString) at += 1;
    else if (inString) continue;
    else if ((byte | CURLY) === OPEN) depth += 1;
    else if ((byte | CURLY) === CLOSE) depth -= 1;
    if (depth > limit) return true;
  }
  return false;
}

/** Bytes after the first one of a value that is not a container, by that first byte; strings and the like aside. */
const FIXED = new Map([...entries(0xca, [4, 8, 1, 2, 4, 8, 1, 2, 4, 8]), ...entries(0xd4, [2, 3, 5, 9, 17])]);
/** Size of the length field of values that carry one. */
const LENGTH_BYTES = new Map([...entries(0xc4, [1, 2, 4, 1, 2, 4]), ...entries(0xd9, [1, 2, 4, 2, 4, 2, 4])]);

/** What is wrong with the first container that is too deep, or that has not the bytes for all its values. */
function msgpackFault(data: Uint8Array, limit: number): 'deep' | 'long' | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  /** Values that are still to come in each container that is open. */
  const open: number[] = [];
  let announced = 1;
  for (let at = 0; at < data.length;) {
    const { next, items } = valueAt(view, at);
    at = next;
    announced += items - 1;
    if (open.length > 0) open.push((open.pop() ?? 0) - 1);
    if (items > 0 && open.push(items) > limit) return 'deep';
    // Every value takes a byte at least.
    if (announced > data.length - at) return 'long';
    while (open.at(-1) === 0) open.pop();
  }
  return undefined;
}

/** Where the value at `at` ends, or its content begins, and how many values its content has. */
function valueAt(view: DataView, at: number): { next: number; items: number } {
  const byte = view.getUint8(at);
  const after = at + 1;
  if (byte >= 0x80 && byte <= 0x8f) return { next: after, items: (byte & 0x0f) * 2 };
  if (byte >= 0x90 && byte <= 0x9f) return { next: after, items: byte & 0x0f };
  if (byte >= 0xa0 && byte <= 0xbf) return { next: after + (byte & 0x1f), items: 0 };
  const lengthBytes = LENGTH_BYTES.get(byte);
  if (lengthBytes === undefined) return { next: after + (FIXED.get(byte) ?? 0), items: 0 };
  if (after + lengthBytes > view.byteLength) return { next: view.byteLength, items: 0 };
  const length = readLength(view, after, lengthBytes);
  const next = after + lengthBytes;
  if (byte >= 0xde) return { next, items: length * 2 };
  if (byte >= 0xdc) return { next, items: length };
  return { next: next + length + (byte >= 0xc7 && byte <= 0xc9 ? 1 : 0), items: 0 };
}

function readLength(view: DataView, at: number, bytes: number): number {
  if (bytes === 1) return view.getUint8(at);
  return bytes === 2 ? view.getUint16(at) : view.getUint32(at);
}

function entries(first: number, values: readonly number[]): [number, number][] {
  return values.map((value, index) => [first + index, value]);
}
