import { encodeFrame, type UpFrame } from '@messagecore/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { announcesTooMuch, nestsDeeper } from './depth.ts';

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

/** MessagePack has no form for a lone surrogate, and a key is a string in both. */
const values = fc.jsonValue({ maxDepth: 6, noUnicodeString: false }).map((value) => [value]);

test('tells the depth of whatever can be sent, in both encodings', () => {
  fc.assert(
    fc.property(values, fc.nat(8), (value, limit) => {
      const deeper = depthOf(value) > limit;
      expect(nestsDeeper(Buffer.from(JSON.stringify(value)), limit, 'json')).toBe(deeper);
      const packed = encodeFrame(value as unknown as UpFrame, 'msgpack');
      expect(nestsDeeper(packed, limit, 'msgpack')).toBe(deeper && depthWithItems(value) > limit);
    }),
  );
});

/** In MessagePack an empty container holds nothing that could be deeper, and does not count. */
const depthWithItems = (value: unknown): number => {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthWithItems));
};

test('brackets in strings are text', () => {
  for (const text of ['[[[[', '\\"[[[[', '"]]]][[[[', '\\\\', '{"a":["b']) {
    const json = Buffer.from(JSON.stringify({ text, more: text }));
    expect(nestsDeeper(json, 1, 'json')).toBe(false);
    expect(nestsDeeper(json, 0, 'json')).toBe(true);
  }
});

test('every size of every MessagePack value is stepped over', () => {
  for (const length of [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536]) {
    const value = {
      text: '['.repeat(length),
      list: Array.from({ length: Math.min(length, 40_000) }, () => 1),
      end: [[1.5, -7, 2 ** 40]],
    };
    const packed = encodeFrame(value as unknown as UpFrame, 'msgpack');
    expect([nestsDeeper(packed, 2, 'msgpack'), nestsDeeper(packed, 3, 'msgpack')]).toEqual([true, false]);
  }
});

test('what announces more than it holds is found before room is made for it', () => {
  fc.assert(
    fc.property(values, (value) => {
      const packed = encodeFrame(value as unknown as UpFrame, 'msgpack');
      expect(announcesTooMuch(packed)).toBe(false);
    }),
  );
  const nested = Buffer.from('dc2710'.repeat(300), 'hex');
  for (const claim of [
    nested,
    Buffer.from('ddffffffff', 'hex'),
    Buffer.from('dfffffffff', 'hex'),
    Buffer.from([0x91]),
  ]) {
    expect(announcesTooMuch(claim)).toBe(true);
  }
});

test('rubbish is looked at without harm', () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(bytes, fc.constantFrom('json' as const, 'msgpack' as const), (data, encoding) => {
      expect(typeof nestsDeeper(data, 5, encoding)).toBe('boolean');
    }),
  );
});
