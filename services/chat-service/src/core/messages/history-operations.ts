import { historyOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { ReadyJson } from '../../platform/operations/ready-json.ts';
import { filteredPage } from './filtered-page.ts';
import { type ForwardDeps, forwardMessages } from './forward-messages.ts';
import { listQuotes } from './quotes.ts';

export function bindHistory(deps: ForwardDeps): readonly BoundOperation[] {
  const { sql } = deps;
  return [
    bindOperation(
      operations.filterMessages,
      async (reader, { cid, ...query }) => new ReadyJson(await filteredPage(sql, reader, cid, query)),
    ),
    bindOperation(operations.listQuotes, async (reader, { cid, seqs }) => ({
      items: await listQuotes(sql, reader, cid, seqs),
    })),
    bindOperation(operations.forwardMessages, (actor, request, until) => forwardMessages(deps, actor, request, until)),
  ];
}
