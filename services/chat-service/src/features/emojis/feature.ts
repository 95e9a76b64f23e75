/** Emojis of a tenant's own (MSG-4). */
import type { Sql } from '../../platform/database/connect.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { bindEmojis } from './emoji-operations.ts';

export function createEmojis({ sql }: { readonly sql: Sql }): { readonly operations: readonly BoundOperation[] } {
  return { operations: bindEmojis(sql) };
}
