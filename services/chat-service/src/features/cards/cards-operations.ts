import { cardOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { actOnCard } from './act.ts';
import { answerCard } from './answer.ts';
import type { CallBacks } from './call-back.ts';
import type { CardDeps } from './deps.ts';
import { listActions } from './list-actions.ts';

export function bindCards(deps: CardDeps & { readonly callBacks: CallBacks }): readonly BoundOperation[] {
  return [
    bindOperation(operations.actOnCard, (user, { cid, seq, idempotencyKey, ...request }) =>
      actOnCard(deps, user, { cid, seq }, request, idempotencyKey),
    ),
    bindOperation(operations.listCardActions, (user, query) => listActions(deps.sql, user, query)),
    bindOperation(operations.answerCard, (owner, { cid, actionId, ...answer }, until) =>
      answerCard(deps, owner, { cid, actionId }, answer, until),
    ),
  ];
}
