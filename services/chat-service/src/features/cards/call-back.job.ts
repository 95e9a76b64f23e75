/**
 * Calls where the process that took an action died before it had an answer. Its row comes with the action, and it looks again as
 * long as somebody else calls and there is time.
 *
 * Raw SQL: the database's clock says whether there is.
 */
import { z } from 'zod';
import type { Transaction } from '../../platform/database/connect.ts';
import { enqueue, PRIORITY } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import { isOpen } from './action-rows.ts';
import { type CallBacks, HELD_MS } from './call-back.ts';

const KIND = 'call back about a card action';
const Payload = z.object({ cid: z.string(), actionId: z.string() });
type Payload = z.infer<typeof Payload>;
const LOOK_AGAIN_MS = 500;
const ATTEMPTS = 3;

/** In the transaction that stores the action. */
export function callBackLater(
  tx: Transaction,
  tid: string,
  { cid, actionId }: Payload,
  delayMs = HELD_MS,
): Promise<unknown> {
  return enqueue(tx, { kind: KIND, tid, payload: { cid, actionId }, priority: PRIORITY.urgent, delayMs });
}

export function callBack({ call }: Pick<CallBacks, 'call'>): JobKind {
  return {
    kind: KIND,
    maxAttempts: ATTEMPTS,
    giveUp: async () => 'ended',
    effect: (_, { tid, payload }) => call({ tid, ...Payload.parse(payload) }),
    async run(tx, { tid, payload }, called) {
      if (called === true) return;
      const { cid, actionId } = Payload.parse(payload);
      const waiting = await tx`
        select from card_actions a
        where a.conversation_id = ${cid} and a.action_id = ${actionId} and a.tenant_id = ${tid} and ${isOpen(tx)}
          and a.call_until <> 'infinity'`;
      if (waiting.length > 0) await callBackLater(tx, tid, { cid, actionId }, LOOK_AGAIN_MS);
    },
  };
}
