/**
 * What is left of a deleted conversation goes, in pieces: its messages with their reactions and former bodies, then those who
 * took part with their positions, bans and mutes, then its name and everything else that people wrote. The row itself stays:
 * an idempotency key that named the conversation says for ever that it was deleted.
 */
import type { Transaction } from '../../platform/database/connect.ts';
import type { SagaKind, StepResult } from '../../platform/sagas/saga.ts';
import { startSaga } from '../../platform/sagas/sagas.ts';
import { purgeMessages } from '../messages/purge-messages.ts';

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

export const purgeConversation: SagaKind<PurgeState> = {
  kind: 'purge conversation',
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
  ],
};

function resultOf(state: PurgeState, progress: number): StepResult<PurgeState> {
  return { state, progress, done: progress < PIECE };
}

/** In the transaction that deletes the conversation. */
export async function startPurge(tx: Transaction, tid: string, cid: string): Promise<void> {
  const [found] = await tx<{ total: number }[]>`
    select c.last_seq - c.first_seq + 1 + (select count(*) from participants where conversation_id = ${cid}) as total
    from conversations c where conversation_id = ${cid}`;
  const total = found === undefined ? {} : { total: found.total };
  await startSaga(tx, purgeConversation, { tid, subject: cid, state: { cid }, delayMs: PURGE_AFTER_MS, ...total });
}

/** Positions of devices go with their participant (foreign key). */
async function purgeParticipants(tx: Transaction, cid: string): Promise<number> {
  const { count } = await tx`
    delete from participants where conversation_id = ${cid} and user_id in (
      select user_id from participants where conversation_id = ${cid} order by user_id limit ${PIECE}
    )`;
  return count;
}

async function purgeWords(tx: Transaction, cid: string): Promise<void> {
  await tx`delete from kept_mutes where conversation_id = ${cid}`;
  await tx`delete from conversation_bans where conversation_id = ${cid}`;
  await tx`
    update conversations set name = null, topic = null, avatar = null, metadata = '{}'
    where conversation_id = ${cid} and deleted_at is not null`;
}
