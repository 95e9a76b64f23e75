import type { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as websockets from 'ws';
import { frameOf, headerBytes, OPCODE, payloadStart, textFrameOf } from './framing.ts';

/** Exported, but missing in the published types. */
const { Receiver } = websockets as unknown as { Receiver: new (options: object) => Writable };

/** What ws's own parser reads, as a client. */
function parse(bytes: Uint8Array): { data: string; isBinary: boolean }[] {
  const receiver = new Receiver({ isServer: false, maxPayload: 0, allowSynchronousEvents: true });
  const read: { data: string; isBinary: boolean }[] = [];
  receiver.on('message', (data: Buffer, isBinary: boolean) => read.push({ data: data.toString('latin1'), isBinary }));
  receiver.on('error', (error: Error) => expect.unreachable(error.message));
  receiver.write(Buffer.from(bytes));
  return read;
}

/** Sizes around every bound of the length field. */
const size = fc.oneof(fc.nat(130), fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000));

test('frames are those that a parser reads, one after the other', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(size, fc.boolean()), { minLength: 1, maxLength: 5 }), (frames) => {
      const sent = frames.map(([length, isBinary]) => ({ data: 'é'.repeat(length).slice(0, length), isBinary }));
      const bytes = sent.map(({ data, isBinary }) =>
        frameOf(
          isBinary ? OPCODE.binary : OPCODE.text,
          Buffer.from(isBinary ? data : data.replaceAll('é', 'e'), 'latin1'),
        ),
      );
      const expected = sent.map(({ data, isBinary }) => ({
        data: isBinary ? data : data.replaceAll('é', 'e'),
        isBinary,
      }));
      expect(parse(Buffer.concat(bytes))).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});

test('a text frame carries its characters in UTF-8', () => {
  const [frame] = parse(textFrameOf('{"t":"消息 😀"}'));
  expect(Buffer.from(frame!.data, 'latin1').toString('utf8')).toBe('{"t":"消息 😀"}');
});

test('the payload is found behind a header of every length', () => {
  for (const length of [0, 125, 126, 65_535, 65_536]) {
    const frame = frameOf(OPCODE.text, Buffer.alloc(length, 'x'));
    expect(payloadStart(frame, 0)).toBe(headerBytes(length));
    expect(frame.length).toBe(headerBytes(length) + length);
  }
});
