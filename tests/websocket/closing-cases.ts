/** Sections 7, 9 and 10: closing, limits, and messages in very many fragments. */
import { LIMITS } from '@messagecore/protocol';
import { closePayload, OPCODES } from '../support/raw-socket.ts';
import { type Case, closes, CODES, frames, GOES_ON, message, more, ping, text } from './case.ts';

const close = (payload: Uint8Array | string) => ({ opcode: OPCODES.close, payload });
const normal = close(closePayload(1000));
const ok = message(80);
const BIG = 256 * 1024;

const order: Case[] = [
  { id: '7.1.1', what: 'a message, then a close', bytes: frames(text(ok), normal), expected: closes(1000) },
  { id: '7.1.2', what: 'two closes', bytes: frames(normal, normal), expected: closes(1000) },
  { id: '7.1.3', what: 'a ping after the close', bytes: frames(normal, ping('late')), expected: closes(1000) },
  { id: '7.1.4', what: 'a text after the close', bytes: frames(normal, text(ok)), expected: closes(1000) },
  {
    id: '7.1.5',
    what: 'a close between two fragments',
    bytes: frames(text(ok.slice(0, 9), { fin: false }), normal, more(ok.slice(9), true)),
    expected: closes(1000),
  },
  {
    id: '7.1.6',
    what: 'a message beyond the limit, then a close and a ping',
    bytes: frames(text(message(BIG)), normal, ping('')),
    expected: closes(CODES.size),
  },
];

const payloads: Case[] = [
  { id: '7.3.1', what: 'a close without payload', bytes: frames(close('')), expected: closes(undefined) },
  { id: '7.3.2', what: 'a close with one byte', bytes: frames(close('a')), expected: closes(CODES.protocol) },
  { id: '7.3.3', what: 'a close with a code', bytes: frames(normal), expected: closes(1000) },
  {
    id: '7.3.4',
    what: 'a close with a reason',
    bytes: frames(close(closePayload(1000, 'Hello World!'))),
    expected: closes(1000),
  },
  {
    id: '7.3.5',
    what: 'a reason of 123 bytes',
    bytes: frames(close(closePayload(1000, '*'.repeat(123)))),
    expected: closes(1000),
  },
  {
    id: '7.3.6',
    what: 'a reason of 124 bytes',
    bytes: frames(close(closePayload(1000, '*'.repeat(124)))),
    expected: closes(CODES.protocol),
  },
  {
    id: '7.5.1',
    what: 'a reason that is not UTF-8',
    bytes: frames(close(closePayload(1000, Buffer.from('cebae1bdb9eda080', 'hex')))),
    expected: closes(CODES.encoding),
  },
];

const numbered = (section: string, codes: readonly number[], expected: (code: number) => Case['expected']): Case[] =>
  codes.map((code, at) => ({
    id: `${section}.${at + 1}`,
    what: `close code ${code}`,
    bytes: frames(close(closePayload(code))),
    expected: expected(code),
  }));

const codes: Case[] = [
  ...numbered('7.7', [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999], closes),
  ...numbered('7.9', [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999], () => closes(CODES.protocol)),
  ...numbered('7.13', [5000, 65_535], () => closes(CODES.protocol)),
];

const { frameBytes } = LIMITS;
const sizes = [64, 256, 1_024, 4_096].map((kilobytes) => kilobytes * 1_024);
const limits: Case[] = [OPCODES.text, OPCODES.binary].flatMap((opcode, kind) => [
  ...sizes.map((bytes, at) => ({
    id: `9.${kind + 1}.${at + 1}`,
    what: `${bytes} bytes in one frame, opcode ${opcode}`,
    bytes: frames({ opcode, payload: message(bytes) }),
    expected: bytes <= frameBytes ? GOES_ON : closes(CODES.size),
  })),
  ...[64, 1_024, 16_384].map((size, at) => ({
    id: `9.${kind + 3}.${at + 1}`,
    what: `${BIG} bytes in fragments of ${size}, opcode ${opcode}`,
    bytes: inFragments(opcode, message(BIG), size),
    expected: closes(BIG / size > LIMITS.frameFragments ? CODES.fragments : CODES.size),
  })),
  {
    id: `9.${kind + 5}.1`,
    what: `64 KiB in packets of 64 bytes, opcode ${opcode}`,
    bytes: frames({ opcode, payload: message(frameBytes) }),
    chop: 64,
    expected: GOES_ON,
  },
  {
    id: `9.${kind + 7}.1`,
    what: `200 messages of 1 KiB at once, opcode ${opcode}`,
    bytes: frames(...Array.from({ length: 200 }, () => ({ opcode, payload: message(1_024) }))),
    expected: GOES_ON,
  },
]);

const lengths: Case[] = [2n ** 63n, 2n ** 64n - 1n, 2n ** 53n, 65_537n].map((length, at) => ({
  id: `9.9.${at + 1}`,
  what: `a frame that says it has ${length} bytes`,
  bytes: frames(text(ok, { length })),
  expected: closes(CODES.size),
}));

const tiny: Case[] = [
  {
    id: '10.1.1',
    what: '65,536 bytes in fragments of 1,300',
    bytes: inFragments(OPCODES.text, message(65_536), 1_300),
    expected: GOES_ON,
  },
];

function inFragments(opcode: number, payload: string, size: number): Buffer {
  const parts = Array.from({ length: Math.ceil(payload.length / size) }, (_, at) =>
    payload.slice(at * size, (at + 1) * size),
  );
  return frames(
    ...parts.map((part, at) => ({
      opcode: at === 0 ? opcode : OPCODES.continuation,
      payload: part,
      fin: at === parts.length - 1,
    })),
  );
}

export const closingCases: readonly Case[] = [...order, ...payloads, ...codes, ...limits, ...lengths, ...tiny];
