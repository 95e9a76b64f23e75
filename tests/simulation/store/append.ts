/** The function `append_messages`, as its migration says it: judged, deduplicated and numbered under the locks. */
import type { Transaction } from './database.ts';
import type { ConversationRow, StoredRow } from './model.ts';
import { numbers, plain, type Statement, texts, type Values } from './rows.ts';

interface Item {
  readonly tid: string;
  readonly cid: string;
  readonly uid: string;
  readonly mid: string;
  readonly kind: string;
  readonly body: string;
  readonly replyTo: number | null;
  readonly threadRoot: number | null;
  readonly limited: boolean;
  readonly byService: boolean;
}

interface Placed {
  readonly verdict: string;
  readonly seq?: number;
  readonly at?: number;
}

function itemsOf([tids, cids, uids, mids, , kinds, bodies, replyTos, threadRoots, limited, byService]: Values): Item[] {
  const [tid, cid, uid, mid] = [plain(tids), plain(cids), plain(uids), plain(mids)];
  const [kind, body, replyTo, threadRoot] = [texts(kinds), texts(bodies), numbers(replyTos), numbers(threadRoots)];
  const [over, service] = [plain(limited), plain(byService)];
  return cid.map((one, n) => ({
    tid: tid[n] ?? '',
    cid: one ?? '',
    uid: uid[n] ?? '',
    mid: mid[n] ?? '',
    kind: kind[n] ?? '',
    body: body[n] ?? '',
    replyTo: replyTo[n] ?? null,
    threadRoot: threadRoot[n] ?? null,
    limited: over[n] === 'true',
    byService: service[n] === 'true',
  }));
}

function judge(item: Item, conversation: ConversationRow | undefined, forgetsMids: boolean): Placed {
  if (conversation === undefined || conversation.tid !== item.tid) return { verdict: 'not_found' };
  const known = forgetsMids ? undefined : [...conversation.messages.values()].find(({ mid }) => mid === item.mid);
  if (known !== undefined && isSame(known, item)) return { verdict: 'repeat', seq: known.seq, at: known.at };
  if (!conversation.participants.has(item.uid) && !item.byService) return { verdict: 'not_member' };
  if (known !== undefined) return { verdict: 'mid_taken' };
  return { verdict: item.limited ? 'rate_limited' : 'stored' };
}

function isSame(known: StoredRow, { uid, kind, body, replyTo, threadRoot }: Item): boolean {
  return (
    known.sender === uid &&
    known.kind === kind &&
    known.replyTo === replyTo &&
    known.threadRoot === threadRoot &&
    (known.firstBody ?? known.body) === body
  );
}

function store(transaction: Transaction, items: readonly Item[]): Placed[] {
  const forgetsMids = transaction.database.variant.forgetsMids === true;
  // All are judged on what was there before the batch.
  const judged = items.map((item) => judge(item, transaction.get(item.cid), forgetsMids));
  return items.map((item, n) => {
    const placed = judged[n] ?? { verdict: 'internal' };
    const conversation = transaction.get(item.cid);
    if (placed.verdict !== 'stored' || conversation === undefined) return placed;
    const row = newRow(item, conversation.head + 1, transaction.database.now);
    const messages = new Map(conversation.messages).set(row.seq, row);
    transaction.put({ ...conversation, head: row.seq, messages });
    return { ...placed, seq: row.seq, at: row.at };
  });
}

function newRow({ mid, uid, kind, body, replyTo, threadRoot }: Item, seq: number, at: number): StoredRow {
  const unchanged = { rev: 0, changedAt: 0, edited: false, recalled: false, reactions: null };
  return { seq, mid, sender: uid, kind, body, replyTo, threadRoot, at, ...unchanged };
}

function queue(transaction: Transaction, items: readonly Item[], placed: readonly Placed[]): number | null {
  const ranges = new Map<string, { cid: string; first: number; last: number }>();
  for (const [n, { cid }] of items.entries()) {
    const { verdict, seq = 0 } = placed[n] ?? { verdict: '' };
    if (verdict === 'stored') ranges.set(cid, { cid, first: ranges.get(cid)?.first ?? seq, last: seq });
  }
  return ranges.size === 0 ? null : transaction.addOutbox('msg', [...ranges.values()]);
}

const array = (values: readonly (string | number | undefined)[]) =>
  `{${values.map((value) => value ?? 'NULL').join(',')}}`;

export const APPEND: readonly Statement[] = [
  {
    words: ['select verdicts::text, seqs::text, stored_ats::text, outbox_id from append_messages('],
    locks: (values) => plain(values[1]).map((cid) => cid ?? ''),
    lockTimeoutMs: 1_000,
    run(transaction, values) {
      const items = itemsOf(values);
      const placed = store(transaction, items);
      return [
        {
          verdicts: array(placed.map(({ verdict }) => verdict)),
          seqs: array(placed.map(({ seq }) => seq)),
          stored_ats: array(placed.map(({ at }) => at)),
          outbox_id: queue(transaction, items, placed),
        },
      ];
    },
  },
];
