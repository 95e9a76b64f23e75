import { ChatError, Cid } from '@messagecore/protocol';
import { defineOperation } from '@messagecore/protocol/features';
import { z } from 'zod';
import { commitWithEvents, type PublishEvents } from '../../src/core/outbox/emit.ts';
import { userEvent } from '../../src/core/outbox/events.ts';
import type { Sql, Transaction } from '../../src/platform/database/connect.ts';
import { type BoundOperation, bindOperation } from '../../src/platform/operations/carry-out.ts';
import { addNote, MAX_NOTE, readNotes } from './notes.ts';

const noteConversation = defineOperation({
  name: 'sample.note',
  summary: 'Write a note about a conversation, and tell all of one’s sessions that it has changed',
  tag: 'Sample',
  access: 'user',
  scope: 'conversations:write',
  method: 'POST',
  path: '/v1/conversations/:cid/sample-notes',
  params: z.object({ cid: Cid }),
  input: z.object({ note: z.string().min(1).max(MAX_NOTE) }),
  result: z.object({ notes: z.array(z.string()) }),
  cost: { sends: 1 },
  laned: true,
});

export interface SampleOperationDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
}

export function sampleOperations({ sql, publishEvents }: SampleOperationDeps): readonly BoundOperation[] {
  return [
    bindOperation(noteConversation, async ({ tid, uid }, { cid, note }) => {
      await commitWithEvents(sql, publishEvents, async (tx, emit) => {
        await checkMember(tx, cid, uid);
        await addNote(tx, 'call', note);
        await emit(userEvent(tid, uid, { v: 1, event: 'conv', cid, conv: 'changed' }));
      });
      return { notes: await readNotes(sql) };
    }),
  ];
}

async function checkMember(tx: Transaction, cid: string, uid: string): Promise<void> {
  const rows = await tx`select from participants where conversation_id = ${cid} and user_id = ${uid}`;
  if (rows.length === 0) throw new ChatError('not_member', 'not a participant');
}
