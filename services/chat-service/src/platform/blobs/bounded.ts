import { ChatError } from '@messagecore/protocol';

/** Passes bytes on and counts them. Throws `too_large` as soon as there are more than `maxBytes`. */
export async function* bounded(
  content: AsyncIterable<Uint8Array>,
  maxBytes: number,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new ChatError('too_large', `larger than ${maxBytes} bytes`);
    count(chunk.length);
    yield chunk;
  }
}
