/** What is known of the threads of one conversation, and how it goes on by the messages that arrive. All of it pure. */
import type { Message } from '@messagecore/protocol';
import type { Thread as FullThread, ThreadState } from '@messagecore/protocol/features';
import type { Timeline } from './timeline.ts';

/** `seq` is that of the root. */
export type Thread = Pick<FullThread, 'seq' | 'replies' | 'lastSeq' | 'lastAt' | 'following' | 'readUpTo' | 'unread'>;

export interface Threads {
  /** As the server told them, by the `seq` of the root. */
  readonly told: ReadonlyMap<number, Thread>;
  /** All threads of this root and of later ones were listed, or began afterwards. */
  readonly listedFrom: number;
}

export const NO_THREADS: Threads = { told: new Map(), listedFrom: Infinity };

export interface Known {
  readonly threads: Threads;
  readonly timeline: Timeline;
}

/**
 * Threads by the `seq` of the root: as they were told, and on from there by the replies that are held (THRD-1). What was
 * told counts all replies up to its last one, so that none counts twice, in whichever order answers and messages come.
 */
export function threadsOf({ threads, timeline }: Known, me: string): ReadonlyMap<number, Thread> {
  const all = new Map(threads.told);
  for (const message of timeline.messages) {
    const { threadRoot: root, seq } = message;
    if (root === undefined) continue;
    const known = all.get(root) ?? begun(root, threads, timeline, me);
    if (known !== undefined && seq > (known.lastSeq ?? 0)) all.set(root, withReply(known, message, me));
  }
  return all;
}

/** A thread that nothing was told of has no replies but those that arrived; undefined where that is not sure. */
function begun(seq: number, { listedFrom }: Threads, { messages }: Timeline, me: string): Thread | undefined {
  if (seq < listedFrom) return undefined;
  const following = messages.some((message) => message.seq === seq && message.from === me);
  return { ...WITHOUT_REPLIES, seq, following, readUpTo: seq };
}

const WITHOUT_REPLIES = { replies: 0, lastSeq: null, lastAt: null, following: false, readUpTo: 0, unread: 0 };

/** Whoever replies follows the thread, and has read it up to there (THRD-3). */
function withReply(thread: Thread, { seq, at, from, recalled }: Message, me: string): Thread {
  const counted = { ...thread, replies: thread.replies + 1, lastSeq: seq, lastAt: at };
  if (from === me) return { ...counted, following: true, readUpTo: seq, unread: 0 };
  const isUnread = thread.following && seq > thread.readUpTo && recalled !== true;
  return isUnread ? { ...counted, unread: thread.unread + 1 } : counted;
}

/** The server's lists of all threads whose roots lie at or after `from`. */
export function withListed({ told, listedFrom }: Threads, listed: readonly Thread[], from: number): Threads {
  const news = listed.map((thread) => [thread.seq, thread] as const);
  return { told: new Map([...told, ...news]), listedFrom: Math.min(listedFrom, from) };
}

/** What the server told of one of them. */
export function withTold(threads: Threads, thread: Thread): Threads {
  return withListed(threads, [thread], Infinity);
}

/** The person follows a thread or no more, or has read on, here or on another device. */
export function withThreadState(
  known: Known,
  { seq, following, readUpTo }: Omit<ThreadState, 'cid'>,
  me: string,
): Threads {
  const thread = threadsOf(known, me).get(seq) ?? { ...WITHOUT_REPLIES, seq };
  const isRead = !following || readUpTo >= (thread.lastSeq ?? 0);
  return withTold(known.threads, { ...thread, following, readUpTo, unread: isRead ? 0 : thread.unread });
}
