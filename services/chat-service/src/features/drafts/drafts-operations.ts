import { draftOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { listDrafts } from './list-drafts.ts';
import { type DraftDeps, setDraft } from './set-draft.ts';

export function bindDrafts(deps: DraftDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.setDraft, (user, { cid, ...draft }) => setDraft(deps, user, cid, draft)),
    bindOperation(operations.listDrafts, (user, page) => listDrafts(deps.sql, user, page)),
  ];
}
