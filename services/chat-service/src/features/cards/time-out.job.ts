/**
 * Tells whoever acted that there was no answer in time. A row with the action in its transaction, so that it survives
 * everything; it runs within about a second of its time.
 *
 * Raw SQL: the state decides in the statement that changes it.
 */
import { LIMITS } from '@messagecore/protocol';
import type { CardAction } from '@messagecore/protocol/features';
import { z } from 'zod';
import { commitWithEvents } from '../../core/outbox/emit.ts';
import { userFrame } from '../../core/outbox/events.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { enqueue, PRIORITY } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import { actionColumns, actionOf, type ActionRow, isOpen } from './action-rows.ts';
import type { CardDeps } from './deps.ts';

const KIND = 'time out a card action';
const Payload = z.object({ cid: z.string(), actionId: z.string() });

/** Moments are rounded to milliseconds: one more, so that it is not open any more then. */
const AFTER_MS = LIMITS.cardAnswerMs + 1;

/** In the transaction that stores the action: both begin at the same moment. */
export async function timeOutLater(tx: Transaction, tid: string, { cid, actionId }: CardAction): Promise<void> {
  const job = { kind: KIND, tid, payload: { cid, actionId }, priority: PRIORITY.urgent };
  await enqueue(tx, { ...job, delayMs: AFTER_MS });
}

export function timeOut({ publishEvents }: Pick<CardDeps, 'publishEvents'>): JobKind {
  return {
    kind: KIND,
    effect: (sql, { tid, payload }) => {
      const { cid, actionId } = Payload.parse(payload);
      return commitWithEvents(sql, publishEvents, async (tx, emit) => {
        const [action] = await tx<ActionRow[]>`
          update card_actions a set state = 'timeout'
          where a.conversation_id = ${cid} and a.action_id = ${actionId} and a.tenant_id = ${tid}
            and a.state = 'waiting' and not ${isOpen(tx)}
          returning ${actionColumns(tx)}`;
        if (action !== undefined) {
          await emit(
            userFrame({ tid, uid: action.from }, { t: 'event', event: 'card.answered', data: actionOf(action) }),
          );
        }
      });
    },
  };
}
