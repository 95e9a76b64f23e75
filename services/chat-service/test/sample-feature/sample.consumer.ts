import { conversationOf, STREAM_SUBJECTS } from '@messagecore/protocol/bus';
import { gte } from '../../src/platform/database/drizzle.ts';
import { messages } from '../../src/core/messages/tables.ts';
import type { ConsumerKind } from '../../src/platform/consumers/consumer.ts';
import type { Sql } from '../../src/platform/database/connect.ts';
import { db } from '../../src/platform/database/db.ts';
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
      const rows = await db(tx)
        .selectDistinct({ cid: messages.conversationId })
        .from(messages)
        .where(gte(messages.createdAt, new Date(since)));
      for (const { cid } of rows) await addNote(tx, 'event', cid);
      return null;
    },
  };
}
