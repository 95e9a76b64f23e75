/** Kinds of messages that a tenant defines (MSG-1). */
import type { KindsOfTenants } from '../../core/messages/extensions.ts';
import type { Metrics } from '@messagecore/runtime';
import type { Sql } from '../../platform/database/connect.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { bindKinds } from './kinds-operations.ts';
import { createKnownKinds } from './known-kinds.ts';

export interface Kinds {
  readonly operations: readonly BoundOperation[];
  readonly kinds: KindsOfTenants;
}

export interface KindsDeps {
  readonly sql: Sql;
  readonly metrics: Pick<Metrics, 'cache'>;
}

export function createKinds({ sql, metrics }: KindsDeps): Kinds {
  return { operations: bindKinds(sql), kinds: createKnownKinds({ sql, metrics }) };
}
