import { conversationOf, STREAM_SUBJECTS } from '@messagecore/protocol/bus';
import type { ConsumerKind } from '../../src/platform/consumers/consumer.ts';
import type { Sql } from '../../src/platform/database/connect.ts';
import { addNote } from './notes.ts';

/** Notes in which conversations something was said. */
export function sampleConsumer(sql: Sql): ConsumerKind {
  return {
    name: 'sample',
    subject: STREAM_SUBJECTS[0],
    async handle(events) {
      for (const { subject } of events) await addNote(sql, 'event', conversationOf(subject));
    },
    async reconcile(tx, { since }) {
      const rows = await tx<{ cid: string }[]>`
        select distinct conversation_id as cid from messages where created_at >= ${since}`;
      for (const { cid } of rows) await addNote(tx, 'event', cid);
      return null;
    },
  };
}
