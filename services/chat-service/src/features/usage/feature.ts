/** Usage: how much each tenant sends, counted from the stream, each message once (TEN-5). */
import type { ConsumerKind } from '../../platform/consumers/consumer.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { App } from '../../platform/http/app-type.ts';
import { usageConsumer } from './usage.consumer.ts';
import { usageRoutes } from './usage-routes.ts';

export interface UsageDeps {
  readonly sql: Sql;
  /** For the consumer. */
  readonly background: Sql;
}

export interface Usage {
  routes(app: App): void;
  readonly consumers: readonly ConsumerKind[];
}

export function createUsage({ sql, background }: UsageDeps): Usage {
  return { routes: (app) => usageRoutes(app, sql), consumers: [usageConsumer(background)] };
}
