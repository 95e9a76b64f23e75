/** Usage: how much each tenant sends, counted from the stream, each message once (TEN-5). */
import type { ConsumerKind } from '../../platform/consumers/consumer.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { usageConsumer } from './usage.consumer.ts';
import { bindUsage } from './usage-operations.ts';

export interface UsageDeps {
  readonly sql: Sql;
  /** For the consumer. */
  readonly background: Sql;
}

export interface Usage {
  readonly operations: readonly BoundOperation[];
  readonly consumers: readonly ConsumerKind[];
}

export function createUsage({ sql, background }: UsageDeps): Usage {
  return { operations: bindUsage(sql), consumers: [usageConsumer(background)] };
}
