/** Says in what views differ from the tables, and the tables from each other. Knows nothing of what was asked for. */
import { isDeepStrictEqual } from 'node:util';
import { LIMITS, type Message } from '@messagecore/protocol';
import type { Stored, StoredThread, StoredVotes } from './stored.ts';
import type { Replaced, View } from './view.ts';

/** Differences of one kind that are worth telling. */
const SHOWN = 5;

/** Everything that is not as it should be, once nothing is under way any more; empty when all is well. */
export function judge(views: Readonly<Record<string, View>>, stored: Stored): string[] {
  const { messages } = stored;
  return [
    ...Object.values(views).flatMap(({ violations }) => violations.slice(0, SHOWN)),
    ...Object.entries(views).flatMap(([name, view]) => judgeLeftOut(name, view, messages)),
    ...Object.entries(views).flatMap(([name, view]) => differences(`${name}, message`, view.messages, messages)),
    ...judgeNumbers(stored),
    ...differences('reactions of', reactionsIn(messages), stored.reactions),
    ...differences('votes of', votesIn(messages), stored.votes),
    ...differences('thread of', threadsIn(messages), stored.threads),
  ];
}

/** Only what was replaced is left out. */
function judgeLeftOut(name: string, { leftOut }: View, messages: ReadonlyMap<number, Message>): string[] {
  const last = new Map([...messages].map(([seq, { rev }]) => [rev, seq]));
  return leftOut.flatMap((rev) =>
    last.has(rev) ? [`${name}: update ${rev} was left out, the last of message ${last.get(rev)}`] : [],
  );
}

/** The trail against what one who stayed has seen replaced. What it was not told of it cannot say. */
export function judgeTrail({ replaced: seen, leftOut }: View, { messages, trail: stored }: Stored): string[] {
  const unseen = new Set(stored.filter(({ rev }) => leftOut.includes(rev)).map(({ seq }) => seq));
  const [replaced, trail] = [seen, stored].map((rows) => rows.filter(({ seq }) => !unseen.has(seq))) as [
    typeof seen,
    typeof stored,
  ];
  const kept = [...Map.groupBy(replaced, ({ seq }) => seq).values()].flatMap((ofMessage) => {
    const [first, ...later] = ofMessage;
    return first === undefined ? [] : [first, ...later.slice(-(LIMITS.bodiesInTrail - 1))];
  });
  const nameOf = ({ seq, rev }: Replaced) => `${seq} at rev ${rev}`;
  const edits = trail.filter(({ action }) => action === 'edit');
  const strange = edits.filter(({ seq, by }) => messages.get(seq)?.from !== by);
  return [
    ...differences(
      'trail of',
      new Map(kept.map((row) => [nameOf(row), row])),
      new Map(trail.map(({ by: _by, ...row }) => [nameOf(row), row])),
    ),
    ...strange.map((row) => `trail of ${nameOf(row)}: edited by ${row.by}, who is not its sender`),
  ];
}

/** `seq` is dense; no two messages have the same `rev`, and the highest one is the conversation's. */
function judgeNumbers({ head, rev, messages }: Stored): string[] {
  const changed = [...messages.values()].map((message) => message.rev).filter((each) => each > 0);
  const highest = Math.max(0, ...changed);
  const seqs = [...messages.keys()];
  return [
    ...(seqs.every((seq, n) => seq === n + 1) && seqs.length === head ? [] : [`head ${head}, messages ${seqs.join()}`]),
    ...(highest === rev ? [] : [`the conversation is at rev ${rev}, the last change of a message at ${highest}`]),
    ...(new Set(changed).size === changed.length ? [] : [`two messages at one rev: ${changed.join()}`]),
  ];
}

function reactionsIn(messages: ReadonlyMap<number, Message>): Map<number, Readonly<Record<string, number>>> {
  const some = [...messages].flatMap(([seq, { reactions }]) => (reactions ? [[seq, reactions] as const] : []));
  return new Map(some);
}

function votesIn(messages: ReadonlyMap<number, Message>): Map<number, StoredVotes> {
  const some = [...messages].flatMap(([seq, { poll }]) =>
    poll !== undefined && poll.voters > 0 ? [[seq, { counts: poll.counts, voters: poll.voters }] as const] : [],
  );
  return new Map(some);
}

function threadsIn(messages: ReadonlyMap<number, Message>): Map<number, StoredThread> {
  const replies = [...messages.values()].filter(({ threadRoot }) => threadRoot !== undefined);
  const byRoot = Map.groupBy(replies, ({ threadRoot = 0 }) => threadRoot);
  const threads = [...byRoot].map(([root, each]) => {
    const members = new Set(each.map(({ from }) => from)).size;
    return [root, { replies: each.length, members, last: Math.max(...each.map(({ seq }) => seq)) }] as const;
  });
  return new Map(threads);
}

/** What `seen` has otherwise than `stored`, whatever the order of names. */
function differences<K, V>(what: string, seen: ReadonlyMap<K, V>, stored: ReadonlyMap<K, V>): string[] {
  const keys = [...new Set([...stored.keys(), ...seen.keys()])];
  const wrong = keys.filter((key) => !isDeepStrictEqual(seen.get(key), stored.get(key)));
  const tell = (key: K) => `${JSON.stringify(seen.get(key))} seen, ${JSON.stringify(stored.get(key))} stored`;
  const more = wrong.length > SHOWN ? [`${what}: ${wrong.length - SHOWN} more`] : [];
  return [...wrong.slice(0, SHOWN).map((key) => `${what} ${String(key)}: ${tell(key)}`), ...more];
}
