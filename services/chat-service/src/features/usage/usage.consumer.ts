import { conversationOf, STREAM_SUBJECTS } from '@messagecore/protocol/bus';
import type { ConsumerKind } from '../../platform/consumers/consumer.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { countMessages, findUncounted } from './count-messages.ts';

/** Before every conversation. */
const START = '00000000-0000-0000-0000-000000000000';
const PIECE = 200;
/** Counting costs a transaction, however many messages it counts: it takes as little as possible from sends. */
const GATHERING = { batch: 512, gatherMs: 1_000 };

/** Counts messages as they are stored. An event only says which conversation to look at. */
export function usageConsumer(sql: Sql): ConsumerKind {
  return {
    name: 'usage',
    subject: STREAM_SUBJECTS[0],
    ...GATHERING,
    async handle(events) {
      let cids: readonly string[] = [...new Set(events.map(({ subject }) => conversationOf(subject)))];
      while (cids.length > 0) cids = await sql.begin((tx) => countMessages(tx, cids));
    },
    async reconcile(tx, { cursor }) {
      const cids = await findUncounted(tx, cursor ?? START, PIECE);
      const last = cids.at(-1);
      if (last === undefined) return null;
      const more = await countMessages(tx, cids);
      // Those with more to count are found again from here.
      return more.length > 0 ? (cursor ?? START) : last;
    },
  };
}
