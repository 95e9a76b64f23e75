import { isUtf8 } from 'node:buffer';
import { bodyIssues, ChatError, Cid, decodeRaw, type Encoding, invalid, LIMITS, UpFrame } from '@messagecore/protocol';
import type { About } from '../session/deps.ts';
import { announcesTooMuch, hasBadText, nestsDeeper } from './depth.ts';

export type Decoded =
  | { readonly frame: UpFrame; readonly about: About; readonly error?: never }
  | { readonly frame?: never; readonly about: About; readonly error: ChatError };

/** Deeper than anything that makes sense, shallow enough for every parser. */
const DEPTH = 128;
/** A message that is shorter cannot nest to any harm. */
const HARMLESS_BYTES = 1_024;

/**
 * Decodes and checks a client's message. Never throws: one that is malformed gives `bad_frame`, naming every wrong field,
 * and what it was about if that much can be read.
 */
export function decode(data: Buffer, isBinary: boolean, encoding: Encoding): Decoded {
  let value: unknown;
  try {
    value = read(data, isBinary, encoding);
  } catch (error) {
    return { error: error instanceof ChatError ? error : new ChatError('bad_frame'), about: {} };
  }
  if (resumesTooMany(value)) return { error: tooManyResumed(), about: {} };
  const parsed = UpFrame.safeParse(value);
  if (parsed.success) return { frame: parsed.data, about: aboutFrame(parsed.data) };
  const issues = [...parsed.error.issues, ...(isSend(value) ? bodyIssues(value) : [])];
  return { error: invalid({ issues }, 'bad_frame'), about: aboutOf(value) };
}

function isSend(value: unknown): boolean {
  return (value as { readonly t?: unknown } | null)?.t === 'send';
}

/** Told before the schema looks at every one of them, which is what costs. */
function resumesTooMany(value: unknown): boolean {
  const { t, pos } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return t === 'resume' && Object.keys(pos ?? {}).length > LIMITS.resumeConversations;
}

function tooManyResumed(): ChatError {
  const message = `more than ${LIMITS.resumeConversations} conversations: send several frames`;
  return new ChatError('bad_frame', `pos: ${message}`, { errors: [{ path: 'pos', message }] });
}

function read(data: Buffer, isBinary: boolean, encoding: Encoding): unknown {
  if (data.length > HARMLESS_BYTES && nestsDeeper(data, DEPTH, encoding)) {
    throw new ChatError('bad_frame', `nested deeper than ${DEPTH}`);
  }
  const fault = encoding === 'msgpack' ? msgpackFault(data) : textFault(data, isBinary);
  if (fault !== undefined) throw new ChatError('bad_frame', fault);
  // A text message is malformed on a MessagePack session; a binary one on a JSON session is read as UTF-8.
  return decodeRaw(encoding === 'msgpack' && isBinary ? data : data.toString('utf8'), encoding);
}

/** The text of a text message was looked at when it came in. */
function textFault(data: Buffer, isBinary: boolean): string | undefined {
  return isBinary && !isUtf8(data) ? 'not UTF-8' : undefined;
}

function msgpackFault(data: Buffer): string | undefined {
  if (announcesTooMuch(data)) return 'not MessagePack: it announces more values than it has bytes';
  return hasBadText(data) ? 'not MessagePack: a string is not UTF-8' : undefined;
}

/** A `send` is named by its `mid`. */
function aboutFrame(frame: UpFrame): About {
  const cid = 'cid' in frame && frame.cid !== undefined ? { cid: frame.cid } : {};
  if (frame.t === 'send') return { ...cid, ref: frame.mid };
  return 'ref' in frame && frame.ref !== undefined ? { ...cid, ref: frame.ref } : cid;
}

const REF_CHARS = 64;

function aboutOf(raw: unknown): About {
  if (typeof raw !== 'object' || raw === null) return {};
  const { t, cid, mid, ref } = raw as Readonly<Record<string, unknown>>;
  const label = t === 'send' ? mid : ref;
  const named = Cid.safeParse(cid);
  return {
    ...(typeof label === 'string' && label.length <= REF_CHARS && { ref: label }),
    ...(named.success && { cid: named.data }),
  };
}
