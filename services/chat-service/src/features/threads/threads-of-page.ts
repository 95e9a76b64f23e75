import type { ThreadSummary } from '@messagecore/protocol/features';
import { and, eq } from '../../platform/database/drizzle.ts';
import type { HistoryPart } from '../../core/messages/extensions.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf, millis } from '../../platform/database/expressions.ts';
import { threads } from './tables.ts';

/** The threads of those messages of a page of history that have replies, by `seq`. */
export const threadsOfPage: HistoryPart = {
  name: 'threads',
  read: (sql, { cid }, messages): Promise<ThreadSummary[]> => {
    const { rootSeq: seq, replies, members, lastSeq, lastAt } = threads;
    return db(sql)
      .select({ seq, replies, members, lastSeq, lastAt: millis(lastAt) })
      .from(threads)
      .where(
        and(
          eq(threads.conversationId, cid),
          isAnyOf(
            seq,
            messages.map((message) => message.seq),
          ),
        ),
      )
      .orderBy(seq);
  },
};
