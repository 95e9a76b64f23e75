import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

/** One message of a conversation file. */
export interface Line {
  /** Of the line in the file, from 0. */
  readonly index: number;
  readonly channel: string;
  readonly author: string;
  readonly text: string;
  /** When it was written, milliseconds since the epoch; undefined in files without times. */
  readonly at: number | undefined;
  /** The line that it answers, by its index; and the first line of its conversation. */
  readonly replyTo?: number;
  readonly thread?: number;
}

/** Lines of one channel in the file's order, and everybody who wrote there. */
export interface Channel {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly authors: ReadonlySet<string>;
}

/**
 * Reads a JSON Lines file, gzip'd when its name ends in `.gz`, and groups the first `limit` lines by channel.
 *
 * @throws Error naming the line that is not JSON or lacks `channel`, `from` or `text`; the system's error when the file
 * cannot be read.
 */
export async function readChannels(file: string, limit = Number.POSITIVE_INFINITY): Promise<Channel[]> {
  const channels = new Map<string, { name: string; lines: Line[]; authors: Set<string> }>();
  for await (const line of readLines(file, limit)) {
    let channel = channels.get(line.channel);
    if (channel === undefined) channels.set(line.channel, (channel = newChannel(line.channel)));
    channel.lines.push(line);
    channel.authors.add(line.author);
  }
  return [...channels.values()];
}

const newChannel = (name: string) => ({ name, lines: new Array<Line>(), authors: new Set<string>() });

async function* readLines(file: string, limit: number): AsyncGenerator<Line> {
  let number = 0;
  for await (const text of splitLines(file)) {
    if (number >= limit) return;
    number += 1;
    if (text.trim() !== '') yield parseLine(text, `${file}:${number}`, number - 1);
  }
}

/** Cuts at line feeds alone: `readline` would also cut at U+2028, which JSON allows inside a string. */
async function* splitLines(file: string): AsyncGenerator<string> {
  const raw = createReadStream(file);
  const input = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  // A failure of the file does not reach the end of the pipe by itself.
  raw.on('error', (error) => input.destroy(error));
  let rest = '';
  try {
    for await (const chunk of input.setEncoding('utf8')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    raw.destroy();
  }
}

function parseLine(json: string, where: string, index: number): Line {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new Error(`${where}: not JSON`, { cause });
  }
  const { channel, from, text, at, replyTo, thread } = Object(value) as Record<string, unknown>;
  if (!isText(channel) || !isText(from) || !isText(text)) {
    throw new Error(`${where}: "channel", "from" and "text" must be texts that are not empty`);
  }
  const time = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  return {
    ...{ index, channel, author: from, text, at: Number.isNaN(time) ? undefined : time },
    ...(typeof replyTo === 'number' && { replyTo }),
    ...(typeof thread === 'number' && { thread }),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
