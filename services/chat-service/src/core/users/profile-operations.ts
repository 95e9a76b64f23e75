import { profileOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { deleteField, listFields, putField } from './profile-fields.ts';

export function bindProfiles(sql: Sql): readonly BoundOperation[] {
  return [
    bindOperation(operations.listFields, async (reader) => ({ items: await listFields(sql, reader) })),
    bindOperation(operations.putField, (caller, field) => putField(sql, caller, field)),
    bindOperation(operations.deleteField, (caller, { name }) => deleteField(sql, caller, name)),
  ];
}
