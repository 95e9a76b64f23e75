/** Kinds of messages that a tenant defines (MSG-1). */
import type { KindsOfTenants } from '../../core/messages/extensions.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { bindKinds } from './kinds-operations.ts';
import { createKnownKinds } from './known-kinds.ts';

export interface Kinds {
  readonly operations: readonly BoundOperation[];
  readonly kinds: KindsOfTenants;
}

export function createKinds({ sql }: { readonly sql: Sql }): Kinds {
  return { operations: bindKinds(sql), kinds: createKnownKinds(sql) };
}
