/** Export of a conversation as lines of JSON. */
import type { Sql } from '../../platform/database/connect.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { bindExport } from './export-operations.ts';

export interface ConversationExport {
  readonly operations: readonly BoundOperation[];
}

export function createConversationExport({ sql }: { readonly sql: Sql }): ConversationExport {
  return { operations: bindExport(sql) };
}
