/**
 * What is left of a deleted conversation goes, in pieces: its messages with their reactions and former bodies, then those who
 * took part with their positions, bans and mutes, then its name and everything else that people wrote. The row itself stays:
 * an idempotency key that named the conversation says for ever that it was deleted.
 */
import { and, eq, inArray, isNotNull, sql as part } from '../../platform/database/drizzle.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import type { SagaKind, StepResult } from '../../platform/sagas/saga.ts';
import { startSaga } from '../../platform/sagas/sagas.ts';
import type { ConversationData } from './conversation-data.ts';
import { purgeMessages, purgeSlowMode } from '../messages/purge-messages.ts';
import { conversationBans, conversations, keptMutes, participants } from './tables.ts';

interface PurgeState {
  readonly cid: string;
}

/** Rows in one transaction. */
const PIECE = 2_000;

/**
 * Until then everybody has been told that it is gone, consumers have seen its messages, and the outbox has published them;
 * whoever deleted it by mistake can have it back from the database.
 */
const PURGE_AFTER_MS = 60 * 60_000;

const KIND = 'purge conversation';

/** Steps of features are the last, so that those of sagas under way keep their place. */
export const purgeConversationOf = (parts: readonly ConversationData[]): SagaKind<PurgeState> => ({
  kind: KIND,
  steps: [
    { name: 'messages', run: async (tx, state) => resultOf(state, await purgeMessages(tx, state.cid, PIECE)) },
    { name: 'participants', run: async (tx, state) => resultOf(state, await purgeParticipants(tx, state.cid)) },
    {
      name: 'conversation',
      async run(tx, state) {
        await purgeWords(tx, state.cid);
        return { state, done: true };
      },
    },
    {
      name: 'slow mode',
      run: async (tx, state) => ({ state, done: (await purgeSlowMode(tx, state.cid, PIECE)) < PIECE }),
    },
    ...parts.map(({ name, purge }) => ({
      name,
      run: async (tx: Transaction, state: PurgeState) => ({ state, done: (await purge(tx, state.cid, PIECE)) < PIECE }),
    })),
  ],
});

function resultOf(state: PurgeState, progress: number): StepResult<PurgeState> {
  return { state, progress, done: progress < PIECE };
}

/** In the transaction that deletes the conversation. */
export async function startPurge(tx: Transaction, tid: string, cid: string): Promise<void> {
  const { lastSeq, firstSeq } = conversations;
  const people = db(tx).$count(participants, eq(participants.conversationId, cid));
  const [found] = await db(tx)
    .select({ total: part<number>`${lastSeq} - ${firstSeq} + 1 + ${people}` })
    .from(conversations)
    .where(eq(conversations.conversationId, cid));
  const total = found === undefined ? {} : { total: found.total };
  await startSaga(tx, { kind: KIND }, { tid, subject: cid, state: { cid }, delayMs: PURGE_AFTER_MS, ...total });
}

/** Positions of devices go with their participant (foreign key). */
async function purgeParticipants(tx: Transaction, cid: string): Promise<number> {
  const isOfIt = eq(participants.conversationId, cid);
  const first = db(tx)
    .select({ uid: participants.userId })
    .from(participants)
    .where(isOfIt)
    .orderBy(participants.userId)
    .limit(PIECE);
  const { count } = await db(tx)
    .delete(participants)
    .where(and(isOfIt, inArray(participants.userId, first)));
  return count;
}

async function purgeWords(tx: Transaction, cid: string): Promise<void> {
  await db(tx).delete(keptMutes).where(eq(keptMutes.conversationId, cid));
  await db(tx).delete(conversationBans).where(eq(conversationBans.conversationId, cid));
  await db(tx)
    .update(conversations)
    .set({ name: null, topic: null, avatar: null, metadata: {} })
    .where(and(eq(conversations.conversationId, cid), isNotNull(conversations.deletedAt)));
}
