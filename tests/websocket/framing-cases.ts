/** Sections 1 to 5: framing, pings, reserved bits, opcodes, fragments. */
import { OPCODES } from '../support/raw-socket.ts';
import { type Case, closes, CODES, frames, GOES_ON, message, more, ping, pong, pongs, text } from './case.ts';

const SIZES = [0, 125, 126, 127, 128, 65_535, 65_536];
const sized = (bytes: number) => (bytes === 0 ? '' : message(bytes));

const framing: Case[] = [OPCODES.text, OPCODES.binary].flatMap((opcode, kind) => [
  ...SIZES.map((bytes, at) => ({
    id: `1.${kind + 1}.${at + 1}`,
    what: `a message of ${bytes} bytes, opcode ${opcode}`,
    bytes: frames({ opcode, payload: sized(bytes) }),
    expected: GOES_ON,
  })),
  {
    id: `1.${kind + 1}.8`,
    what: `a message of 65,536 bytes in packets of 997, opcode ${opcode}`,
    bytes: frames({ opcode, payload: sized(65_536) }),
    chop: 997,
    expected: GOES_ON,
  },
]);

const many = Array.from({ length: 10 }, (_, at) => `ping-${at}`);
const binary = Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff]);
const longest = 'x'.repeat(125);

const pings: Case[] = [
  { id: '2.1', what: 'a ping without payload', bytes: frames(ping('')), expected: pongs('') },
  { id: '2.2', what: 'a ping with text', bytes: frames(ping('Hello, world!')), expected: pongs('Hello, world!') },
  { id: '2.3', what: 'a ping with bytes', bytes: frames(ping(binary)), expected: pongs(binary.toString('latin1')) },
  { id: '2.4', what: 'a ping of 125 bytes', bytes: frames(ping(longest)), expected: pongs(longest) },
  { id: '2.5', what: 'a ping of 126 bytes', bytes: frames(ping('x'.repeat(126))), expected: closes(CODES.protocol) },
  { id: '2.6', what: 'a ping in single octets', bytes: frames(ping(longest)), chop: 1, expected: pongs(longest) },
  { id: '2.7', what: 'a pong nobody asked for', bytes: frames(pong('')), expected: GOES_ON },
  { id: '2.8', what: 'a pong with payload that nobody asked for', bytes: frames(pong('unasked')), expected: GOES_ON },
  {
    id: '2.9',
    what: 'such a pong, then a ping',
    bytes: frames(pong('unasked'), ping('asked')),
    expected: pongs('asked'),
  },
  { id: '2.10', what: 'ten pings', bytes: frames(...many.map((name) => ping(name))), expected: pongs(...many) },
  {
    id: '2.11',
    what: 'ten pings in single octets',
    bytes: frames(...many.map((name) => ping(name))),
    chop: 1,
    expected: pongs(...many),
  },
];

const ok = message(80);
const reserved: Case[] = [
  { id: '3.1', what: 'reserved bits 1', bytes: frames(text(ok, { rsv: 1 })), expected: closes(CODES.protocol) },
  {
    id: '3.2',
    what: 'reserved bits 2 after a good message',
    bytes: frames(text(ok), text(ok, { rsv: 2 }), ping('')),
    expected: closes(CODES.protocol),
  },
  {
    id: '3.3',
    what: 'reserved bits 3, in packets',
    bytes: frames(text(ok), text(ok, { rsv: 3 }), ping('')),
    chop: 30,
    expected: closes(CODES.protocol),
  },
  {
    id: '3.4',
    what: 'reserved bits 4, in single octets',
    bytes: frames(text(ok), text(ok, { rsv: 4 }), ping('')),
    chop: 1,
    expected: closes(CODES.protocol),
  },
  {
    id: '3.5',
    what: 'reserved bits 5 on binary',
    bytes: frames({ opcode: OPCODES.binary, payload: binary, rsv: 5 }),
    expected: closes(CODES.protocol),
  },
  {
    id: '3.6',
    what: 'reserved bits 6 on a ping',
    bytes: frames(ping('Hello', { rsv: 6 })),
    expected: closes(CODES.protocol),
  },
  {
    id: '3.7',
    what: 'reserved bits 7 on a close',
    bytes: frames({ opcode: OPCODES.close, rsv: 7 }),
    expected: closes(CODES.protocol),
  },
];

const opcodes: Case[] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode, at) => ({
  id: at < 5 ? `4.1.${at + 1}` : `4.2.${at - 4}`,
  what: `opcode ${opcode}`,
  bytes: frames(text(ok), { opcode, payload: at % 2 === 0 ? '' : 'reserved' }, ping('')),
  ...(at % 5 > 2 && { chop: 1 }),
  expected: closes(CODES.protocol),
}));

const half = (from: number, to?: number) => ok.slice(from, to);
const start = text(half(0, 40), { fin: false });
const inTwo = [start, more(half(40), true)];
const between = [start, ping('ping'), more(half(40), true)];
const nothing = more('nothing to continue', true);
const nothingYet = more('nothing to continue', false);

const fragments: Case[] = [
  {
    id: '5.1',
    what: 'a ping in two fragments',
    bytes: frames(ping('frag', { fin: false }), more('ment', true)),
    expected: closes(CODES.protocol),
  },
  {
    id: '5.2',
    what: 'a pong in two fragments',
    bytes: frames(pong('frag', { fin: false }), more('ment', true)),
    expected: closes(CODES.protocol),
  },
  { id: '5.3', what: 'a text in two fragments', bytes: frames(...inTwo), expected: GOES_ON },
  { id: '5.4', what: 'the same, in packets', bytes: frames(...inTwo), chop: 46, expected: GOES_ON },
  { id: '5.5', what: 'the same, in single octets', bytes: frames(...inTwo), chop: 1, expected: GOES_ON },
  { id: '5.6', what: 'a ping between two fragments', bytes: frames(...between), expected: pongs('ping') },
  { id: '5.7', what: 'the same, in packets', bytes: frames(...between), chop: 46, expected: pongs('ping') },
  { id: '5.8', what: 'the same, in single octets', bytes: frames(...between), chop: 1, expected: pongs('ping') },
  { id: '5.9', what: 'a last fragment of nothing', bytes: frames(nothing, text(ok)), expected: closes(CODES.protocol) },
  {
    id: '5.10',
    what: 'the same, in packets',
    bytes: frames(nothing, text(ok)),
    chop: 25,
    expected: closes(CODES.protocol),
  },
  {
    id: '5.11',
    what: 'the same, in single octets',
    bytes: frames(nothing, text(ok)),
    chop: 1,
    expected: closes(CODES.protocol),
  },
  { id: '5.12', what: 'a fragment of nothing', bytes: frames(nothingYet, text(ok)), expected: closes(CODES.protocol) },
  {
    id: '5.13',
    what: 'the same, in packets',
    bytes: frames(nothingYet, text(ok)),
    chop: 25,
    expected: closes(CODES.protocol),
  },
  {
    id: '5.14',
    what: 'the same, in single octets',
    bytes: frames(nothingYet, text(ok)),
    chop: 1,
    expected: closes(CODES.protocol),
  },
  {
    id: '5.15',
    what: 'a text in fragments, then a fragment of nothing',
    bytes: frames(...inTwo, nothingYet, text(ok)),
    expected: closes(CODES.protocol),
  },
  {
    id: '5.16',
    what: 'a fragment of nothing, then a text in fragments',
    bytes: frames(nothingYet, ...inTwo),
    expected: closes(CODES.protocol),
  },
  {
    id: '5.17',
    what: 'a last fragment of nothing, then a text in fragments',
    bytes: frames(nothing, ...inTwo),
    expected: closes(CODES.protocol),
  },
  { id: '5.18', what: 'a text inside a text', bytes: frames(start, text('second')), expected: closes(CODES.protocol) },
  {
    id: '5.19',
    what: 'five fragments with pings between them',
    bytes: frames(
      text(half(0, 20), { fin: false }),
      more(half(20, 40), false),
      ping('1'),
      more(half(40, 60), false),
      more('', false),
      ping('2'),
      more(half(60), true),
    ),
    expected: pongs('1', '2'),
  },
  {
    id: '5.20',
    what: 'the same, in packets',
    bytes: frames(
      text(half(0, 20), { fin: false }),
      more(half(20, 40), false),
      ping('1'),
      more(half(40, 60), false),
      more('', false),
      ping('2'),
      more(half(60), true),
    ),
    chop: 26,
    expected: pongs('1', '2'),
  },
];

export const framingCases: readonly Case[] = [...framing, ...pings, ...reserved, ...opcodes, ...fragments];
