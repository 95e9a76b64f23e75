/** Values that have broken programs before. */
import fc from 'fast-check';
import { type Tree, treeOf } from './tree.ts';

const NUMBERS = [
  ...[0, -0, -1, 1, 0.5, 1e21, 1e308, -1e308, 5e-324],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ...[2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 2 ** 63, 2 ** 64],
  ...[8.64e15, 8.64e15 + 1, 32_768, 65_536],
];

const TEXTS = [
  ...['', ' ', '\0', 'a\0b', '\uD800', '\uDFFF', 'a\uDC00\uD800', '\uFFFE', '\u202E', '👨‍👩‍👧‍👦', 'İ', 'ß', '\r\n', '\u2028'],
  ...['__proto__', 'constructor', 'null', 'undefined', 'NaN', '-0', '1e1000', '0x10', '01', '[object Object]'],
  ...["'; drop table messages; --", '%s%n', '{{7*7}}', '../../etc/passwd', '${jndi:ldap://x}', '%00', '*', '>', 'a.b'],
  ...['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'ext:', 'ext:\uD800'],
];

const long = fc
  .tuple(fc.constantFrom('x', '\0', '👋', '\uD800', '"', '\\', 'é', '['), fc.integer({ min: 1, max: 14 }))
  .map(([unit, power]): Tree => ({ kind: 'leaf', value: unit.repeat(2 ** power) }));

const nested = fc.tuple(fc.integer({ min: 1, max: 400 }), fc.boolean()).map(([depth, isMap]): Tree => {
  let tree: Tree = { kind: 'leaf', value: 1 };
  for (let i = 0; i < depth; i += 1)
    tree = isMap ? { kind: 'map', entries: [['a', tree]] } : { kind: 'list', items: [tree] };
  return tree;
});

const wide = fc
  .integer({ min: 1, max: 2_000 })
  .map((count): Tree => ({ kind: 'list', items: Array.from({ length: count }, () => ({ kind: 'leaf', value: 0 })) }));

/** Bytes that only MessagePack has, and text that is almost JSON. */
const RAW: readonly (readonly [json: string, msgpack: string])[] = [
  ['1e999', 'cb7ff0000000000000'],
  ['-0.0', 'cb8000000000000000'],
  ['NaN', 'cb7ff8000000000000'],
  ['+1', 'ca7fc00000'],
  ['01', 'cfffffffffffffffff'],
  ['.5', 'd38000000000000000'],
  ['"\\ud800"', 'a3eda080'],
  ['"\\u0000"', 'a100'],
  ['"\\x"', 'a2c328'],
  ['"\n"', 'd9ff61'],
  ["'a'", 'dbffffffff61'],
  ['[1,]', 'dcffff01'],
  ['{"a":1,}', 'deffff01'],
  ['[', 'ddffffffff'],
  ['{', 'dfffffffff'],
  ['undefined', 'c1'],
  ['{"__proto__":{"x":1}}', '81a95f5f70726f746f5f5f81a17801'],
  [
    '{"constructor":{"prototype":{"x":1}}}',
    '81ab636f6e7374727563746f7281a97072 6f746f7479706581a17801'.replace(' ', ''),
  ],
  ['{"a":1,"a":2}', '82a16101a16102'],
  ['{"1":1}', '810101'],
  ['{"null":1}', '81c001'],
  ['[[]]', '81900 1'.replace(' ', '')],
  ['0', 'd6ff5f5e1000'],
  ['0', 'd7ff0000000000000001'],
  ['0', 'c70cff00000000ffffffffffffffff'],
  ['0', 'c9ffffffff7f'],
  ['0', 'd40100'],
  ['""', 'c400'],
  ['""', 'c6ffffffff00'],
  ['// x', 'dc2710dc2710dc2710dc2710'],
];

const raw = fc.constantFrom(...RAW).map(([json, msgpack]): Tree => ({ kind: 'raw', json, msgpack }));
const leaf = (value: string | number | boolean | null): Tree => ({ kind: 'leaf', value });

/** Anything that a field may be filled with by somebody who means no good. */
export const awkward: fc.Arbitrary<Tree> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...NUMBERS).map(leaf) },
  { weight: 5, arbitrary: fc.constantFrom(...TEXTS).map(leaf) },
  { weight: 2, arbitrary: fc.constantFrom(true, false, null).map(leaf) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }).map(leaf) },
  { weight: 3, arbitrary: fc.double().map(leaf) },
  { weight: 3, arbitrary: fc.integer().map(leaf) },
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 2 }).map(treeOf) },
  { weight: 3, arbitrary: raw },
  { weight: 1, arbitrary: long },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: wide },
);
