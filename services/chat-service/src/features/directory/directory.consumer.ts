import { conversationOf, STREAM_SUBJECTS } from '@messagecore/protocol/bus';
import type { ConsumerKind } from '../../platform/consumers/consumer.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { findChanged, writeChannels } from './write-channels.ts';

/** Before every conversation. */
const START = '00000000-0000-0000-0000-000000000000';
const PIECE = 200;
/** Who joins a large channel has it counted anew: once for all who join within this time. */
const GATHERING = { batch: 256, gatherMs: 500 };

/** Writes channels as they change. An event only says which conversation to look at. */
export function directoryConsumer(sql: Sql): ConsumerKind {
  return {
    name: 'directory',
    subject: STREAM_SUBJECTS[2],
    ...GATHERING,
    async handle(events) {
      const cids = [...new Set(events.map(({ subject }) => conversationOf(subject)))];
      await sql.begin((tx) => writeChannels(tx, cids));
    },
    async reconcile(tx, { since, cursor }) {
      const cids = await findChanged(tx, new Date(since), cursor ?? START, PIECE);
      if (cids.length > 0) await writeChannels(tx, cids);
      return cids.at(-1) ?? null;
    },
  };
}
