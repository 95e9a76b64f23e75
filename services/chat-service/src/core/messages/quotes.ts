/** Raw SQL: what was quoted, and the trail of its edits, beside each reply of a page. */
import { ChatError } from '@messagecore/protocol';
import type { Quote } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import type { Reader } from '../identity/caller.ts';
import type { HistoryPart } from './extensions.ts';
import { isGone } from './frames.ts';
import { readHeads } from './history.ts';

/** Code points of an excerpt. */
const EXCERPT = 200;
/** A body that is longer than this has no excerpt: it is not worth reading. */
const EXCERPTED_BYTES = 16 * 1024;

type QuoteRow = Omit<Quote, 'text'> & { readonly body: string | null };

/**
 * What the replies among these messages quote: as it was when the reply was stored, and what became of it since. The body of
 * that time is the one that the first later edit replaced: each edit has the head of the conversation under whose lock it
 * was made, those of before that was kept their time alone. What was recalled has no text, and what is older than `first` is
 * left out.
 */
async function readQuotes(sql: Sql, cid: string, first: number, seqs: readonly number[]): Promise<Quote[]> {
  const rows = await sql<QuoteRow[]>`
    select r.seq, q.seq as quoted, q.sender_id as "from",
      round(extract(epoch from q.created_at) * 1000)::float8 as at, q.kind,
      later.body is not null as edited, ${isGone(sql, sql`q`)} as recalled,
      case when not ${isGone(sql, sql`q`)} and octet_length(coalesce(later.body, q.body::text)) <= ${EXCERPTED_BYTES}
        then coalesce(later.body, q.body::text) end as body
    from messages r
    join messages q on q.conversation_id = r.conversation_id and q.seq = r.reply_to
    left join lateral (
      select e.previous_body::text as body from message_edits e
      where e.conversation_id = q.conversation_id and e.seq = q.seq and e.action = 'edit'
        and (e.head >= r.seq or (e.head is null and e.changed_at > r.created_at))
      order by e.rev limit 1
    ) later on true
    where r.conversation_id = ${cid} and r.seq = any(${seqs}::bigint[]) and r.seq >= ${first} and r.reply_to >= ${first}
    order by r.seq`;
  return rows.map(({ body, ...quote }) => ({ ...quote, text: excerptOf(body) }));
}

function excerptOf(body: string | null): string | null {
  const { text } = JSON.parse(body ?? '{}') as { readonly text?: unknown };
  return typeof text === 'string' ? Array.from(text).slice(0, EXCERPT).join('') : null;
}

/** The quotes of a page of history. */
export const quotesOfPage: HistoryPart = {
  name: 'quotes',
  async read(sql, { cid, first }, messages) {
    const replies = messages.filter(({ replyTo }) => replyTo !== null).map(({ seq }) => seq);
    return replies.length === 0 ? [] : readQuotes(sql, cid, first, replies);
  },
};

/** Those of some replies. Throws `not_found`, for a reply that there is not too, and `not_member`. */
export async function listQuotes(sql: Sql, reader: Reader, cid: string, seqs: readonly number[]): Promise<Quote[]> {
  const { first, head } = await readHeads(sql, reader, cid);
  if (seqs.some((seq) => seq < first || seq > head)) throw new ChatError('not_found', 'no such message');
  return readQuotes(sql, cid, first, seqs);
}
