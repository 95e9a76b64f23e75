/**
 * The last messages of conversations, read once for all whose unread messages are counted in them.
 *
 * Raw SQL: a range of many conversations at once, gathered in arrays.
 */
import { plainArray } from '../../platform/database/array-literals.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { isGone } from './frames.ts';
import { COUNTED } from './unread.ts';

/** Code points of a preview. */
const PREVIEW = 100;
/** A body that is longer than this has no preview: it is not worth reading. */
const PREVIEWED_BYTES = 16 * 1024;

/** Somebody's position in a conversation; there may be many of one conversation. */
export interface PositionBehind {
  readonly cid: string;
  readonly head: number;
  readonly pos: number;
}

/** Messages of a conversation that count as unread for others than their senders: `seq`, ascending. */
export interface Newest {
  readonly preview: string | undefined;
  readonly seqs: readonly number[];
  readonly bySender: ReadonlyMap<string, readonly number[]>;
  /** `seq` of the last of them that mentions anybody, 0 when none does. */
  readonly lastMention: number;
}

interface NewestRow {
  readonly cid: string;
  readonly after: number;
  /** Numbers after `after`, of messages that count. */
  readonly steps: readonly number[] | null;
  readonly senders: readonly string[] | null;
  readonly lastMention: number | null;
  readonly body: string | null;
}

/** By conversation, as far back as the counts from these positions need. One statement, and none when nothing is asked. */
export async function newestOf(sql: Sql, positions: Iterable<PositionBehind>): Promise<Map<string, Newest>> {
  const asked = startsOf(positions);
  if (asked.size === 0) return new Map();
  const places = [...asked.values()];
  const rows = await sql<NewestRow[]>`
    select asked.cid, asked.after, latest.steps, latest.senders, latest.last_mention as "lastMention", newest.body
    from unnest(
      ${plainArray([...asked.keys()])}::uuid[], ${plainArray(places.map(({ after }) => after))}::bigint[],
      ${plainArray(places.map(({ head }) => head))}::bigint[]
    ) as asked(cid, after, head)
    cross join lateral (
      select array_agg((m.seq - asked.after)::int order by m.seq) as steps, array_agg(m.sender_id order by m.seq) as senders,
        max(m.seq) filter (where m.mentions is not null) as last_mention
      from messages m
      where m.conversation_id = asked.cid and m.seq > asked.after and m.seq <= asked.head
        and m.kind <> 'sys' and m.recalled_at is null
    ) latest
    left join lateral (
      select m.body::text as body from messages m
      where m.conversation_id = asked.cid and m.seq = asked.head and m.kind = 'text' and not ${isGone(sql, sql`m`)}
        and octet_length(m.body::text) <= ${PREVIEWED_BYTES}
    ) newest on true`;
  return new Map(rows.map((row) => [row.cid, gather(row)]));
}

/** Nothing before the last messages is looked at, and nothing that everybody has read. */
function startsOf(positions: Iterable<PositionBehind>): Map<string, { readonly head: number; after: number }> {
  const starts = new Map<string, { readonly head: number; after: number }>();
  for (const { cid, head, pos } of positions) {
    const start = starts.get(cid) ?? { head, after: head };
    if (pos >= head - COUNTED) start.after = Math.min(start.after, pos);
    starts.set(cid, start);
  }
  return starts;
}

function gather({ after, steps, senders, lastMention, body }: NewestRow): Newest {
  const seqs = (steps ?? []).map((step) => after + step);
  const bySender = new Map<string, number[]>();
  for (const [n, sender] of (senders ?? []).entries()) {
    const own = bySender.get(sender);
    const seq = seqs[n] ?? 0;
    if (own === undefined) bySender.set(sender, [seq]);
    else own.push(seq);
  }
  return { preview: body === null ? undefined : previewOf(body), seqs, bySender, lastMention: lastMention ?? 0 };
}

/** The beginning of a text, in one line. */
function previewOf(body: string): string | undefined {
  const { text } = JSON.parse(body) as { readonly text?: unknown };
  if (typeof text !== 'string') return undefined;
  return Array.from(text.slice(0, 2 * PREVIEW))
    .slice(0, PREVIEW)
    .join('');
}

/** As READ-4 counts while at most `COUNTED` messages follow the position; of more, every one counts. */
export function unreadIn(
  newest: Newest | undefined,
  { uid, pos, head }: { readonly uid: string; readonly pos: number; readonly head: number },
): number {
  if (pos >= head) return 0;
  if (newest === undefined || head - pos > COUNTED) return head - pos;
  return countAfter(newest.seqs, pos) - countAfter(newest.bySender.get(uid) ?? [], pos);
}

/** Whether a message behind the position may mention the user: one does mention somebody, or they are too many to know. */
export function mayBeMentioned(
  newest: Newest | undefined,
  { pos, head }: { readonly pos: number; readonly head: number },
): boolean {
  return pos < head && (newest === undefined || head - pos > COUNTED || newest.lastMention > pos);
}

/** How many of these ascending numbers are higher. */
function countAfter(ascending: readonly number[], pos: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) > pos) high = middle;
    else low = middle + 1;
  }
  return ascending.length - low;
}
