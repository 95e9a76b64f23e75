/**
 * A value as it is written, not as it is read: keys may repeat, numbers may be none, and any part may be raw text or
 * bytes that no encoder would write.
 */
export type Tree =
  | { readonly kind: 'map'; readonly entries: readonly (readonly [key: string, value: Tree])[] }
  | { readonly kind: 'list'; readonly items: readonly Tree[] }
  | { readonly kind: 'leaf'; readonly value: string | number | boolean | null }
  | { readonly kind: 'raw'; readonly json: string; readonly msgpack: string };

export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(treeOf) };
  if (typeof value === 'object' && value !== null) {
    return { kind: 'map', entries: Object.entries(value).map(([key, inner]) => [key, treeOf(inner)] as const) };
  }
  return { kind: 'leaf', value: value as string | number | boolean | null };
}

export function toJson(tree: Tree): string {
  switch (tree.kind) {
    case 'map':
      return `{${tree.entries.map(([key, value]) => `${JSON.stringify(key)}:${toJson(value)}`).join(',')}}`;
    case 'list':
      return `[${tree.items.map(toJson).join(',')}]`;
    case 'leaf':
      return numberText(tree.value) ?? JSON.stringify(tree.value);
    case 'raw':
      return tree.json;
  }
}

/** What `JSON.stringify` would turn into something else. */
function numberText(value: unknown): string | undefined {
  if (Object.is(value, -0)) return '-0';
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : undefined;
}

export function toMsgpack(tree: Tree): Buffer {
  switch (tree.kind) {
    case 'map': {
      const entries = tree.entries.flatMap(([key, value]) => [text(key), toMsgpack(value)]);
      return Buffer.concat([header(0x80, 15, 0xde, tree.entries.length), ...entries]);
    }
    case 'list':
      return Buffer.concat([header(0x90, 15, 0xdc, tree.items.length), ...tree.items.map(toMsgpack)]);
    case 'leaf':
      return leaf(tree.value);
    case 'raw':
      return Buffer.from(tree.msgpack, 'hex');
  }
}

function leaf(value: string | number | boolean | null): Buffer {
  if (value === null) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'string') return text(value);
  if (Number.isInteger(value) && value >= 0 && value < 128 && !Object.is(value, -0)) return Buffer.from([value]);
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    const int = Buffer.alloc(9, 0xd3);
    int.writeBigInt64BE(BigInt(value), 1);
    return int;
  }
  const float = Buffer.alloc(9, 0xcb);
  float.writeDoubleBE(value, 1);
  return float;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  if (bytes.length < 32) return Buffer.concat([Buffer.from([0xa0 | bytes.length]), bytes]);
  const head = Buffer.alloc(5, 0xdb);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** Fixed form up to `most`, else the form with 16 bits. */
function header(fixed: number, most: number, wide: number, length: number): Buffer {
  if (length <= most) return Buffer.from([fixed | length]);
  const head = Buffer.alloc(3, wide);
  head.writeUInt16BE(Math.min(length, 0xff_ff), 1);
  return head;
}

export const jsonBytes = (tree: Tree): Buffer => Buffer.from(toJson(tree));

/** The text of a leaf as it is, anything else as JSON. */
export function plainBytes(tree: Tree): Buffer {
  return tree.kind === 'leaf' && typeof tree.value === 'string' ? Buffer.from(tree.value) : jsonBytes(tree);
}
