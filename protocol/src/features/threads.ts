/** Threads: the replies to one message, its root. */
import { z } from 'zod';
import { Cid, Millis, Pos, Seq } from '../wire/ids.ts';
import { MessageDown } from '../wire/down.ts';
import { LIMITS } from '../wire/limits.ts';
import { numeral } from '../wire/numeral.ts';
import { flag, PageQuery } from './common.ts';
import { Person } from './invitations.ts';

/** `seq` is that of the root. `lastSeq` and `lastAt` are null without replies. */
export const Thread = z
  .object({
    cid: Cid,
    seq: Seq,
    replies: z.int().min(0),
    members: z.int().min(0).meta({ description: 'How many different users have replied' }),
    latest: z.array(Person).meta({ description: 'Up to five who replied last, the latest first' }),
    lastSeq: Seq.nullable(),
    lastAt: Millis.nullable(),
    following: z.boolean(),
    readUpTo: Pos.meta({ description: 'Up to which seq the user has read the thread; 0 where it never did' }),
    unread: z
      .int()
      .min(0)
      .max(LIMITS.threadUnread)
      .meta({
        description: `Replies of others behind that, ${LIMITS.threadUnread} standing for more too; 0 unless followed`,
      }),
  })
  .meta({ id: 'Thread' });
export type Thread = z.infer<typeof Thread>;

/** With `from` and `to` those whose roots lie in a page of the history. */
export const ThreadsQuery = PageQuery.extend({ from: numeral(Seq).optional(), to: numeral(Seq).optional() });
export type ThreadsQuery = z.infer<typeof ThreadsQuery>;

export const OwnThreadsQuery = PageQuery.extend({ unread: flag().default(false) });
export type OwnThreadsQuery = z.infer<typeof OwnThreadsQuery>;

/** Replies behind `after` or before `before`; neither is the newest page. */
export const ThreadPageQuery = z
  .object({
    before: numeral(Seq).optional(),
    after: numeral(Pos).optional(),
    limit: numeral(z.int().min(1).max(LIMITS.pageMessages)).default(50),
  })
  .refine(({ before, after }) => before === undefined || after === undefined, {
    message: 'before and after exclude each other',
  });
export type ThreadPageQuery = z.infer<typeof ThreadPageQuery>;

/** Replies ascending by `seq`. `more`: in the direction asked. */
export const ThreadPage = z.object({ items: z.array(MessageDown), more: z.boolean() }).meta({ id: 'ThreadPage' });
export type ThreadPage = z.infer<typeof ThreadPage>;

/** What the user's other sessions are told. */
export const ThreadState = z
  .object({ cid: Cid, seq: Seq, following: z.boolean(), readUpTo: Pos })
  .meta({ id: 'ThreadState' });
export type ThreadState = z.infer<typeof ThreadState>;

export const ReadThread = z.object({ pos: Pos }).meta({ id: 'ReadThread' });
