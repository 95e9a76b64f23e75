import type { ReplayHistory, SeenThread, SentMessage } from './history.ts';
import type { FaultLog, ThreadCounts } from './verdict.ts';

const THREADS = 'threads';

/**
 * Compares the threads that the product tells of with those that were sent: each conversation of the file that has replies
 * is one thread, with as many replies, of as many authors, and the last one last.
 */
export function checkThreads(
  sent: ReadonlyMap<string, readonly SentMessage[]>,
  acked: ReadonlyMap<string, number>,
  seen: NonNullable<ReplayHistory['threads']>,
  log: FaultLog,
): ThreadCounts {
  let [threads, replies] = [0, 0];
  for (const [cid, messages] of sent) {
    const expected = Map.groupBy(messages, ({ threadRoot }) => threadRoot);
    expected.delete(undefined);
    const told = new Map((seen.get(cid) ?? []).map((thread) => [thread.seq, thread]));
    for (const [root = 0, own] of expected) {
      threads += 1;
      replies += own.length;
      const wanted = threadOf(root, own, acked);
      if (JSON.stringify(pick(told.get(root))) !== JSON.stringify(wanted)) {
        const words = [told.get(root), wanted].map((thread) => JSON.stringify(thread));
        log.add('differs', THREADS, `${cid}: ${words[0]} instead of ${words[1]}`);
      }
      told.delete(root);
    }
    for (const root of told.keys()) log.add('differs', THREADS, `${cid}: a thread of ${root} that nobody replied to`);
  }
  const edges = [...sent.values()].flat().filter(({ replyTo }) => replyTo !== undefined).length;
  return { threads, replies, edges };
}

function threadOf(seq: number, own: readonly SentMessage[], acked: ReadonlyMap<string, number>): SeenThread {
  const members = new Set(own.map(({ from }) => from)).size;
  return { seq, replies: own.length, members, lastSeq: Math.max(...own.map(({ mid }) => acked.get(mid) ?? 0)) };
}

const pick = (thread: SeenThread | undefined): SeenThread | undefined =>
  thread && { seq: thread.seq, replies: thread.replies, members: thread.members, lastSeq: thread.lastSeq };
