import { kindOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { readKinds, removeKind, setKind } from './change-kinds.ts';

export function bindKinds(sql: Sql): readonly BoundOperation[] {
  return [
    bindOperation(operations.listKinds, async ({ tid }) => ({ items: await readKinds(sql, tid) })),
    bindOperation(operations.setKind, (by, { kind, schema }) => setKind(sql, by, kind, schema)),
    bindOperation(operations.removeKind, (by, { kind }) => removeKind(sql, by, kind)),
  ];
}
