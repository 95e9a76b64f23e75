/**
 * Reads a `text/event-stream` as the HTML standard describes it (but for lines that end with a bare CR), whatever the
 * borders of its chunks: the data of each event. Names and ids of events are passed over, since a frame says what it is.
 * `undefined` stands for a comment: nothing happened, but the stream lives. Throws what reading the body throws.
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string | undefined> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let data: string[] = [];
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith(':')) yield undefined;
        else if (line !== '') data.push(...dataOf(line));
        else if (data.length > 0) {
          yield data.join('\n');
          data = [];
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** What a line adds to the data of its event, which is none without any. */
function dataOf(line: string): string[] {
  const [name, ...value] = line.split(':');
  return name === 'data' ? [value.join(':').replace(/^ /, '')] : [];
}
