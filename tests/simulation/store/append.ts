/** The functions `append_batch` and `append_messages`, as one: judged, deduplicated and numbered under the locks. */
import type { Transaction } from './database.ts';
import { type ConversationRow, GENERATION, type StoredRow, UNCHANGED } from './model.ts';
import { arrayOf, numbers, plain, type Row, type Statement, texts, type Values } from './rows.ts';

interface Item {
  /** Place of its room in the batch, from 1. */
  readonly room: number;
  readonly tid: string;
  readonly cid: string;
  readonly uid: string;
  readonly mid: string;
  readonly kind: string;
  readonly body: string;
  readonly replyTo: number | null;
  readonly threadRoot: number | null;
  readonly showInChannel: boolean;
  readonly limited: boolean;
  readonly byService: boolean;
  readonly generation: number | null;
}

interface Placed {
  readonly verdict: string;
  readonly seq?: number;
  readonly at?: number;
}

function itemsOf(values: Values): Item[] {
  const [tenants, rooms] = [plain(values[0]), plain(values[1])];
  const [uids, mids, kinds, bodies] = [plain(values[5]), plain(values[6]), texts(values[8]), texts(values[9])];
  const [replyTos, threadRoots] = [numbers(values[10]), numbers(values[11])];
  const [limited, byService] = [plain(values[12]), plain(values[13])];
  const generations = numbers(values[15]);
  const shown = plain(values[17]);
  return numbers(values[3]).map((room, n) => ({
    room: room ?? 0,
    tid: tenants[(room ?? 0) - 1] ?? '',
    cid: rooms[(room ?? 0) - 1] ?? '',
    uid: uids[n] ?? '',
    mid: mids[n] ?? '',
    kind: kinds[n] ?? '',
    body: bodies[n] ?? '',
    replyTo: replyTos[n] ?? null,
    threadRoot: threadRoots[n] ?? null,
    showInChannel: shown[n] === 'true',
    limited: limited[n] === 'true',
    byService: byService[n] === 'true',
    generation: generations[n] ?? null,
  }));
}

function outcomeOf(item: Item, conversation: ConversationRow | undefined, forgetsMids: boolean): Placed {
  if (conversation === undefined || conversation.tid !== item.tid) return { verdict: 'not_found' };
  const known = forgetsMids ? undefined : [...conversation.messages.values()].find(({ mid }) => mid === item.mid);
  if (known !== undefined && isSame(known, item)) return { verdict: 'repeat', seq: known.seq, at: known.at };
  if (!conversation.participants.has(item.uid) && !item.byService) return { verdict: 'not_member' };
  if (item.generation !== null && item.generation !== GENERATION) return { verdict: 'unauthorized' };
  if (known !== undefined) return { verdict: 'mid_taken' };
  return { verdict: item.limited ? 'rate_limited' : 'stored' };
}

function isSame(known: StoredRow, { uid, kind, body, replyTo, threadRoot, showInChannel }: Item): boolean {
  return (
    known.sender === uid &&
    known.kind === kind &&
    known.replyTo === replyTo &&
    known.threadRoot === threadRoot &&
    known.showInChannel === showInChannel &&
    (known.firstBody ?? known.body) === body
  );
}

function store(transaction: Transaction, items: readonly Item[]): Placed[] {
  const forgetsMids = transaction.database.variant.forgetsMids === true;
  // All are judged on what was there before the batch.
  const judged = items.map((item) => outcomeOf(item, transaction.get(item.cid), forgetsMids));
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

function newRow(
  { mid, uid, kind, body, replyTo, threadRoot, showInChannel }: Item,
  seq: number,
  at: number,
): StoredRow {
  return { seq, mid, sender: uid, kind, body, replyTo, threadRoot, showInChannel, at, ...UNCHANGED };
}

function queue(transaction: Transaction, items: readonly Item[], placed: readonly Placed[]): number | null {
  const ranges = new Map<string, { cid: string; first: number; last: number }>();
  for (const [n, { cid }] of items.entries()) {
    const { verdict, seq = 0 } = placed[n] ?? { verdict: '' };
    if (verdict === 'stored') ranges.set(cid, { cid, first: ranges.get(cid)?.first ?? seq, last: seq });
  }
  return ranges.size === 0 ? null : transaction.addOutbox('msg', [...ranges.values()]);
}

/** The answer says where the numbering of each room began, and names the items that were not stored. */
function answer(transaction: Transaction, items: readonly Item[], placed: readonly Placed[]): Row {
  const firsts = new Map<number, number>();
  const others: number[] = [];
  for (const [n, { verdict, seq = 0 }] of placed.entries()) {
    const room = items[n]?.room ?? 0;
    if (verdict !== 'stored') others.push(n);
    else if (!firsts.has(room)) firsts.set(room, seq);
  }
  return {
    stored_rooms: arrayOf([...firsts.keys()]),
    first_seqs: arrayOf([...firsts.values()]),
    stored_at: transaction.database.now,
    outbox_id: queue(transaction, items, placed),
    others: arrayOf(others.map((n) => n + 1)),
    verdicts: arrayOf(others.map((n) => placed[n]?.verdict)),
    seqs: arrayOf(others.map((n) => placed[n]?.seq)),
    ats: arrayOf(others.map((n) => placed[n]?.at)),
    mentioned: null,
  };
}

export const APPEND: readonly Statement[] = [
  {
    words: ['select stored_rooms::text, first_seqs::text, stored_at, outbox_id', 'from append_batch('],
    locks: (values) => plain(values[1]).map((cid) => cid ?? ''),
    lockTimeoutMs: 1_000,
    run(transaction, values) {
      const items = itemsOf(values);
      return [answer(transaction, items, store(transaction, items))];
    },
  },
];
