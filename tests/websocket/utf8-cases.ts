/** Section 6: text that is UTF-8, and text that is not. */
import { type Case, closes, CODES, frames, GOES_ON, more, text } from './case.ts';

const GOOD = [
  ['6.5', '48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121'],
  ['6.6', 'ceba', 'cebae1bdb9', 'cebae1bdb9cf83', 'cebae1bdb9cf83cebc', 'cebae1bdb9cf83cebcceb5'],
  ['6.7', '00', 'c280', 'e0a080', 'f0908080'],
  ['6.9', '7f', 'dfbf', 'efbfbf', 'f48fbfbf'],
  ['6.11', 'ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf'],
  // The two last code points of each plane, which stand for no character.
  [
    '6.22',
    ...Array.from({ length: 17 }, (_, plane) => [0xff_fe, 0xff_ff].map((low) => utf8((plane << 16) | low))).flat(),
  ],
  ['6.23', 'efbfb9', 'efbfba', 'efbfbb', 'efbfbc', 'efbfbd', 'efbfbe', 'efbfbf'],
] as const;

const followed = (from: number, to: number) =>
  Buffer.from(Array.from({ length: to - from + 1 }, (_, at) => [from + at, 0x20]).flat()).toString('hex');
const cut = ['c0', 'e080', 'f08080', 'f8808080', 'fc80808080', 'df', 'efbf', 'f7bfbf', 'fbbfbfbf', 'fdbfbfbfbf'];

const BAD = [
  ['6.3', 'cebae1bdb9cf83cebcceb5eda080656469746564'],
  ['6.6', 'ce', 'cebae1', 'cebae1bd', 'cebae1bdb9cf', 'cebae1bdb9cf83ce', 'cebae1bdb9cf83cebcce'],
  ['6.8', 'f888808080', 'fc8480808080'],
  ['6.10', 'f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf'],
  ['6.11', 'f4908080'],
  [
    '6.12',
    '80',
    'bf',
    '80bf',
    '80bf80',
    '80bf80bf',
    '80bf80bf80',
    '80bf80bf80bf',
    Buffer.from(Array.from({ length: 63 }, (_, at) => 0x80 + at)).toString('hex'),
  ],
  [
    '6.13',
    followed(0xc0, 0xdf),
    followed(0xe0, 0xef),
    followed(0xf0, 0xf7),
    followed(0xf8, 0xfb),
    followed(0xfc, 0xfd),
  ],
  ['6.14', ...cut],
  ['6.15', cut.join('')],
  ['6.16', 'fe', 'ff', 'fefeffff'],
  ['6.17', 'c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af'],
  ['6.18', 'c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf'],
  ['6.19', 'c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080'],
  ['6.20', 'eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf'],
  [
    '6.21',
    'eda080edb080',
    'eda080edbfbf',
    'edadbfedb080',
    'edadbfedbfbf',
    'edae80edb080',
    'edae80edbfbf',
    'edafbfedb080',
    'edafbfedbfbf',
  ],
] as const;

function utf8(codePoint: number): string {
  return Buffer.from(String.fromCodePoint(codePoint)).toString('hex');
}

/** Inside a frame of the application, whose end follows. */
const inFrame = (hex: string) =>
  Buffer.concat([Buffer.from('{"t":"ping","at":1,"pad":"'), Buffer.from(hex, 'hex'), Buffer.from('"}')]);

const numbered = (all: readonly (readonly [string, ...string[]])[], word: string, expected: Case['expected']): Case[] =>
  all.flatMap(([section, ...texts]) =>
    texts.map((hex, at) => ({
      id: `${section}.${at + 1}`,
      what: `${word} ${hex.slice(0, 40)}`,
      bytes: frames(text(inFrame(hex))),
      expected,
    })),
  );

const kosme = inFrame('cebae1bdb9cf83cebcceb5');
const torn = Array.from(kosme, (byte) => Buffer.from([byte]));
const wrong = inFrame('cebae1bdb9cf83cebcceb5f4908080656469746564');

const fragmented: Case[] = [
  { id: '6.1.1', what: 'an empty text', bytes: frames(text('')), expected: GOES_ON },
  {
    id: '6.1.2',
    what: 'an empty text in three fragments',
    bytes: frames(text('', { fin: false }), more('', false), more('', true)),
    expected: GOES_ON,
  },
  {
    id: '6.1.3',
    what: 'a text between two empty fragments',
    bytes: frames(text('', { fin: false }), more(kosme, false), more('', true)),
    expected: GOES_ON,
  },
  { id: '6.2.1', what: 'a text in one frame', bytes: frames(text(kosme)), expected: GOES_ON },
  {
    id: '6.2.2',
    what: 'a text torn inside a character',
    bytes: frames(text(kosme.subarray(0, 29), { fin: false }), more(kosme.subarray(29), true)),
    expected: GOES_ON,
  },
  {
    id: '6.2.3',
    what: 'a text torn at every octet',
    bytes: frames(
      text(torn[0]!, { fin: false }),
      ...torn.slice(1, -1).map((byte) => more(byte, false)),
      more(torn.at(-1)!, true),
    ),
    expected: GOES_ON,
  },
  {
    id: '6.4.1',
    what: 'a bad text in three fragments',
    bytes: frames(
      text(wrong.subarray(0, 37), { fin: false }),
      more(wrong.subarray(37, 41), false),
      more(wrong.subarray(41), true),
    ),
    expected: closes(CODES.encoding),
  },
  {
    id: '6.4.2',
    what: 'the same, torn inside the bad character',
    bytes: frames(
      text(wrong.subarray(0, 39), { fin: false }),
      more(wrong.subarray(39, 40), false),
      more(wrong.subarray(40), true),
    ),
    expected: closes(CODES.encoding),
  },
  { id: '6.4.3', what: 'the same, in packets', bytes: frames(text(wrong)), chop: 13, expected: closes(CODES.encoding) },
  {
    id: '6.4.4',
    what: 'the same, in single octets',
    bytes: frames(text(wrong)),
    chop: 1,
    expected: closes(CODES.encoding),
  },
];

export const utf8Cases: readonly Case[] = [
  ...fragmented,
  ...numbered(GOOD, 'good:', GOES_ON),
  ...numbered(BAD, 'bad:', closes(CODES.encoding)),
];
