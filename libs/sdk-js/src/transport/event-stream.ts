/** One event of a `text/event-stream`; a comment has neither name nor data. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
}

/**
 * Reads a `text/event-stream` as the HTML standard describes it (but for lines that end with a bare CR), whatever the
 * borders of its chunks. `undefined` stands for a comment: nothing happened, but the stream lives. Throws what reading
 * the body throws.
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<StreamEvent | undefined> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const pending: Fields = { event: '', data: [], id: undefined };
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith(':')) yield undefined;
        else if (line !== '') addField(pending, line);
        else yield* finish(pending);
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

interface Fields {
  event: string;
  data: string[];
  id: string | undefined;
}

function addField(fields: Fields, line: string): void {
  const colon = line.indexOf(':');
  const name = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
  if (name === 'event') fields.event = value;
  else if (name === 'data') fields.data.push(value);
  else if (name === 'id') fields.id = value;
}

/** An event without data is none. */
function* finish(fields: Fields): Generator<StreamEvent> {
  const { event, data, id } = fields;
  fields.event = '';
  fields.data = [];
  fields.id = undefined;
  if (data.length > 0) yield { event, data: data.join('\n'), id };
}
