import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEventStream } from './event-stream.ts';

async function read(chunks: Uint8Array<ArrayBuffer>[]): Promise<(string | undefined)[]> {
  const events: (string | undefined)[] = [];
  for await (const event of readEventStream(ReadableStream.from<Uint8Array<ArrayBuffer>>(chunks))) {
    events.push(event);
  }
  return events;
}

const bytes = (text: string) => new TextEncoder().encode(text);

test.each(['\n', '\r\n'])('reads events, whatever the borders of the chunks, with line ends %j', async (end) => {
  const lines = [
    'event: message',
    'id: 7',
    'data: {"text":"你好"}',
    '',
    ': quiet',
    'data:a',
    'data: b',
    'unknown: x',
    '',
    '',
  ];
  const whole = bytes(lines.join(end));
  const expected = ['{"text":"你好"}', undefined, 'a\nb'];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(whole.length - 1)), async (cuts) => {
      const borders = [0, ...new Set(cuts.sort((a, b) => a - b)), whole.length];
      const chunks = borders.slice(1).map((border, i) => whole.slice(borders[i], border));
      expect(await read(chunks)).toEqual(expected);
    }),
  );
});

test('an event without data, and one that is cut off, are none', async () => {
  expect(await read([bytes('event: ready\n\ndata: whole\n\ndata: cut')])).toEqual(['whole']);
});
