/**
 * Makes up for events that a consumer has missed, as a saga: in pieces, over restarts, with progress.
 *
 * Invariant: that events were missed and that they are to be made up for is written down in one transaction.
 */
import type { PullConsumerState } from '@messagecore/bus';
import type { Sql } from '../database/connect.ts';
import { PLATFORM_TENANT } from '../jobs/enqueue.ts';
import type { SagaKind } from '../sagas/saga.ts';
import { startSaga } from '../sagas/sagas.ts';
import type { ConsumerKind, ReconcileState } from './consumer.ts';
import { type ConsumerRow, readConsumer, adoptStream } from './consumer-store.ts';

export function reconciliationOf(consumer: ConsumerKind): SagaKind<ReconcileState> {
  return {
    kind: `reconcile ${consumer.name}`,
    steps: [
      {
        name: 'reconcile',
        async run(tx, state) {
          const cursor = await consumer.reconcile(tx, state);
          return { state: { ...state, cursor }, done: cursor === null, progress: 1 };
        },
      },
    ],
  };
}

/** Whether the stream no longer has something that the consumer has not handled. */
export function hasMissed({ streamCreatedAt, position }: ConsumerRow, state: PullConsumerState): boolean {
  return streamCreatedAt !== state.streamCreatedAt || state.firstSeq > position + 1;
}

/** Starts a reconciliation if events were missed. Returns whether they were. */
export async function reconcileMissed(sql: Sql, consumer: ConsumerKind, state: PullConsumerState): Promise<boolean> {
  const { name } = consumer;
  return sql.begin(async (tx) => {
    // Of several processes that notice it the first one acts.
    const row = await readConsumer(tx, name, true);
    if (!hasMissed(row, state)) return false;
    await adoptStream(tx, name, state);
    const begin: ReconcileState = { since: row.caughtUpAt.toISOString(), cursor: null };
    await startSaga(tx, reconciliationOf(consumer), { tid: PLATFORM_TENANT, subject: name, state: begin });
    return true;
  });
}
