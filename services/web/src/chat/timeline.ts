/** The messages of one conversation as the page holds them, and the rows in which it shows them. All of it pure. */
import type { Message } from '@messagecore/protocol';
import type { Expiry } from './lifetime.ts';

/** A message of our own that the server has not confirmed. */
export interface Pending extends Expiry {
  readonly mid: string;
  readonly kind: string;
  readonly body: Message['body'];
  readonly at: number;
  /** Of the thread into which it goes; undefined for the conversation itself. */
  readonly threadRoot?: number;
  /** It is for the conversation, too. */
  readonly showInChannel?: boolean;
  /** Of the message that it quotes. */
  readonly replyTo?: number;
  /** Why the server refused it; undefined while it is under way. */
  readonly error?: string;
}

export interface Timeline {
  /** Ascending by `seq`. */
  readonly messages: readonly Message[];
  readonly pending: readonly Pending[];
  /** Whether the newest page was loaded; before that, `messages` may be a part of it. */
  readonly loaded: boolean;
  readonly loadingOlder: boolean;
  /** Of an excerpt, which is followed by messages that it does not hold. */
  readonly loadingNewer?: boolean;
  /** Oldest message that the server still keeps. */
  readonly first: number;
}

/** What is to be brought before one's eyes: each time another object. */
export interface Aim {
  /** Of the message, or of the next one that is there. */
  readonly seq: number;
  /** The line that stands before it. */
  readonly line?: boolean;
}

export const EMPTY: Timeline = { messages: [], pending: [], loaded: false, loadingOlder: false, first: 1 };

/** Adds messages, or newer states of known ones. Own messages that arrive are no longer pending. */
export function merge(timeline: Timeline, incoming: readonly Message[]): Timeline {
  const arrived = new Set(incoming.map(({ mid }) => mid));
  const pending = timeline.pending.some(({ mid }) => arrived.has(mid))
    ? timeline.pending.filter(({ mid }) => !arrived.has(mid))
    : timeline.pending;
  return { ...timeline, pending, messages: mergeMessages(timeline.messages, incoming) };
}

function mergeMessages(known: readonly Message[], incoming: readonly Message[]): readonly Message[] {
  const last = known.at(-1)?.seq ?? 0;
  if (incoming.every((message, index) => message.seq > (incoming[index - 1]?.seq ?? last)))
    return [...known, ...incoming];
  const bySeq = new Map(known.map((message) => [message.seq, message]));
  for (const message of incoming) {
    const present = bySeq.get(message.seq);
    if (present === undefined || message.rev > present.rev) bySeq.set(message.seq, message);
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

/** Takes a change only for a message that is held: an older one comes changed when it is loaded. */
export function applyUpdate(timeline: Timeline, message: Message): Timeline {
  const held = timeline.messages.some(({ seq }) => seq === message.seq);
  return held ? merge(timeline, [message]) : timeline;
}

/** Whether it reaches from before a message to behind it. */
export function holds({ loaded, messages }: Timeline, seq: number): boolean {
  return loaded && seq >= (messages[0]?.seq ?? Infinity) && seq <= (messages.at(-1)?.seq ?? 0);
}

/** Whether it begins with the first message that there is. */
const isWhole = ({ loaded, messages, first }: Timeline) => loaded && (messages[0]?.seq ?? 1) <= first;

/** Whether nothing is missing between a message and those that it holds. */
export function reachesBack(timeline: Timeline, seq: number): boolean {
  return isWhole(timeline) || (timeline.messages[0]?.seq ?? Infinity) <= seq;
}

/** Whether a message is shown in the conversation: replies in threads are not, unless they are for it too. */
export function isInConversation({ threadRoot, showInChannel }: Message): boolean {
  return threadRoot === undefined || showInChannel === true;
}

export function addPending(timeline: Timeline, pending: Pending): Timeline {
  const others = timeline.pending.filter(({ mid }) => mid !== pending.mid);
  return { ...timeline, pending: [...others, pending] };
}

/** What became of one's own message: stored, come to everybody, or read by some. */
export type Mark = { readonly type: 'sent' | 'delivered' } | { readonly type: 'read'; readonly by: readonly string[] };

export type Row =
  | { readonly type: 'beginning' | 'newMessages'; readonly key: string }
  | { readonly type: 'day'; readonly key: string; readonly at: number }
  | { readonly type: 'missing'; readonly key: string; readonly count: number }
  | { readonly type: 'system'; readonly key: string; readonly message: Message }
  | {
      readonly type: 'message';
      readonly key: string;
      readonly message: Message;
      readonly mine: boolean;
      readonly starts: boolean;
      readonly ends: boolean;
      readonly mark?: Mark;
    }
  | { readonly type: 'pending'; readonly key: string; readonly pending: Pending; readonly starts: boolean };

export interface View {
  readonly me: string;
  /** How far each participant has read. */
  readonly reads: ReadonlyMap<string, number>;
  /** One's messages up to this one have come to everybody. */
  readonly deliveredUpTo: number;
  /** Messages after this one were new when the conversation was opened. */
  readonly newAfter: number;
  /** The thread to show; undefined for the conversation, without the replies in its threads. */
  readonly threadRoot?: number;
  /** A number that changes at midnight, where the person is. */
  readonly dayOf: (at: number) => number;
}

/** Messages of one person this close together stand as one block. */
const BLOCK_MS = 5 * 60_000;

/** What to show, from top to bottom. Keys stay the same for a message from its echo to its end. */
export function rowsOf(timeline: Timeline, view: View): Row[] {
  const { threadRoot } = view;
  const rows: Row[] = [];
  if (threadRoot === undefined && isWhole(timeline)) rows.push({ type: 'beginning', key: 'beginning' });
  const { shown, hole } = shownOf(timeline.messages, threadRoot);
  // Before the first that is held others may be new, too. The first reply of a thread has the root before it.
  const isKnown = threadRoot !== undefined || reachesBack(timeline, view.newAfter);
  const isNew = ({ message: { seq, from } }: Shown) => seq > view.newAfter && from !== view.me;
  const firstNew = isKnown ? shown.find(isNew)?.message.seq : undefined;
  for (const [index, { message, missing }] of shown.entries()) {
    const before = shown[index - 1]?.message;
    const next = shown[index + 1];
    rows.push(...missing, ...between(before, message, view, firstNew));
    if (message.kind === 'sys') {
      rows.push({ type: 'system', key: message.mid, message });
      continue;
    }
    const mine = message.from === view.me;
    const starts = missing.length > 0 || !sameBlock(before, message, view, firstNew);
    const ends = next === undefined || next.missing.length > 0 || !sameBlock(message, next.message, view, firstNew);
    const mark = mine ? { mark: markOf(message, view) } : {};
    rows.push({ type: 'message', key: message.mid, message, mine, starts, ends, ...mark });
  }
  rows.push(...hole);
  const last = shown.at(-1)?.message;
  for (const [index, each] of timeline.pending.filter((pending) => pending.threadRoot === threadRoot).entries()) {
    rows.push({ type: 'pending', key: each.mid, pending: each, starts: index === 0 && last?.from !== view.me });
  }
  return rows;
}

type Missing = Row & { readonly type: 'missing' };

/** A message, and the hole that the server announced between it and the one shown before it. */
interface Shown {
  readonly message: Message;
  readonly missing: readonly Missing[];
}

/**
 * The messages to show. A conversation leaves out the replies in its threads, unless they are for it too: these are no holes, while those between and
 * behind them are. Between the replies of a thread other things were said.
 */
function shownOf(messages: readonly Message[], threadRoot: number | undefined): { shown: Shown[]; hole: Missing[] } {
  if (threadRoot !== undefined) return { shown: messages.map((message) => ({ message, missing: [] })), hole: [] };
  const shown: Shown[] = [];
  let hole: Missing[] = [];
  for (const [index, message] of messages.entries()) {
    const expected = (messages[index - 1]?.seq ?? message.seq - 1) + 1;
    if (message.seq > expected) {
      const count = message.seq - expected + (hole[0]?.count ?? 0);
      hole = [{ type: 'missing', key: hole[0]?.key ?? `missing ${expected}`, count }];
    }
    if (!isInConversation(message)) continue;
    shown.push({ message, missing: hole });
    hole = [];
  }
  return { shown, hole };
}

/** What stands before a message: a border of days, the mark of what is new. */
function* between(
  before: Message | undefined,
  message: Message,
  view: View,
  firstNew: number | undefined,
): Generator<Row> {
  if (before === undefined || view.dayOf(before.at) !== view.dayOf(message.at)) {
    yield { type: 'day', key: `day ${view.dayOf(message.at)}`, at: message.at };
  }
  if (message.seq === firstNew) yield { type: 'newMessages', key: 'new messages' };
}

function sameBlock(a: Message | undefined, b: Message, view: View, firstNew: number | undefined): boolean {
  if (a === undefined || a.from !== b.from || a.kind === 'sys' || b.kind === 'sys') return false;
  if (b.seq === firstNew) return false;
  return b.at - a.at < BLOCK_MS && view.dayOf(a.at) === view.dayOf(b.at);
}

function markOf({ seq }: Message, { me, reads, deliveredUpTo }: View): Mark {
  const by = [...reads].filter(([user, pos]) => user !== me && pos >= seq).map(([user]) => user);
  if (by.length > 0) return { type: 'read', by };
  return { type: seq <= deliveredUpTo ? 'delivered' : 'sent' };
}

export type Said = Pick<Message, 'kind' | 'body' | 'recalled'>;

/** The text of a text message; undefined for other kinds. */
export function textOf({ kind, body, recalled }: Said): string | undefined {
  const text = body['text'];
  return kind === 'text' && recalled !== true && typeof text === 'string' ? text : undefined;
}

/** What a message says in words, for a preview or a screen reader; undefined for kinds that have none. */
export function wordsIn(message: Said): string | undefined {
  const { kind, body, recalled } = message;
  const question = body['question'];
  if (kind === 'poll' && recalled !== true && typeof question === 'string') return `📊 ${question}`;
  const { name, address, lat, lng } = body;
  if (kind === 'location' && recalled !== true)
    return `📍 ${[name, address].find((each) => typeof each === 'string') ?? `${String(lat)}, ${String(lng)}`}`;
  const title = body['title'];
  if (kind === 'card' && recalled !== true && typeof title === 'string') return title;
  return textOf(message);
}

/** Who wrote a message that somebody else has sent on; undefined of others. */
export function forwardedFrom({ body, recalled }: Said): string | undefined {
  const { from } = (body['forwarded'] ?? {}) as { readonly from?: unknown };
  return recalled !== true && typeof from === 'string' ? from : undefined;
}

/** Whether its sender may change what it says (FWD-4). */
export function isEditable(message: Said): boolean {
  return textOf(message) !== undefined && forwardedFrom(message) === undefined;
}

/** Whether it can be sent on (FWD-2). Cards are the back end's alone. */
export function isForwardable({ kind, recalled }: Said): boolean {
  return recalled !== true && kind !== 'sys' && kind !== 'card';
}

/** What somebody said last and may change, outside of threads or in one of them. */
export function lastTextOf(messages: readonly Message[], from: string, threadRoot?: number): Message | undefined {
  return messages.findLast(
    (message) => message.from === from && message.threadRoot === threadRoot && isEditable(message),
  );
}
