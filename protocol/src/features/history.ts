/** What is asked of the history of a conversation beside its pages, and what pages have beside their messages. */
import { z } from 'zod';
import { Millis, Seq, storable, UserId } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';
import { KindName } from '../wire/message.ts';
import { numeral } from '../wire/numeral.ts';
import { PageQuery } from './common.ts';

/** Those for which all that is given holds; `from` and `to` are numbers of messages. */
export const FilterQuery = PageQuery.extend({
  kind: storable().min(1).max(32).optional(),
  sender: UserId.optional(),
  from: numeral(Seq).optional(),
  to: numeral(Seq).optional(),
});
export type FilterQuery = z.infer<typeof FilterQuery>;

/**
 * What a reply quotes, as it was when the reply was sent, and what became of it. `text` is an excerpt, null for what was
 * recalled, for kinds without text, and for very long bodies.
 */
export const Quote = z
  .object({
    seq: Seq.meta({ description: 'Of the reply' }),
    quoted: Seq.meta({ description: 'What it replies to' }),
    from: UserId,
    at: Millis,
    kind: KindName,
    text: z.string().nullable(),
    edited: z.boolean().meta({ description: 'Since the reply was sent' }),
    recalled: z.boolean(),
  })
  .meta({ id: 'Quote' });
export type Quote = z.infer<typeof Quote>;

const listed = (value: unknown) => (typeof value === 'string' ? value.split(',') : value);

/** The numbers of replies; a query has them as one text, with commas between. */
export const QuotesQuery = z.object({
  seqs: z.preprocess(listed, z.array(numeral(Seq)).min(1).max(LIMITS.pageMessages)),
});

export const Quotes = z.object({ items: z.array(Quote) }).meta({ id: 'Quotes' });

/** The replies to a message: how many, of how many different users, and the last one. */
export const ThreadSummary = z
  .object({ seq: Seq, replies: z.int().min(1), members: z.int().min(1), lastSeq: Seq, lastAt: Millis })
  .meta({ id: 'ThreadSummary' });
export type ThreadSummary = z.infer<typeof ThreadSummary>;
