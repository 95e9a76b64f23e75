import { listParticipants } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import * as queries from './participant-queries.ts';

export function participantOperations(sql: Sql): readonly BoundOperation[] {
  return [
    bindOperation(listParticipants, (reader, { cid, ...page }) => queries.listParticipants(sql, reader, cid, page)),
  ];
}
