/** Usage: how much each tenant sends, counted from the stream, each message once (TEN-5). */
import type { ConsumerKind } from '../../platform/consumers/consumer.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { App } from '../../platform/http/app-type.ts';
import { usageConsumer } from './usage.consumer.ts';
import { usageRoutes } from './usage-routes.ts';

export interface Usage {
  routes(app: App): void;
  readonly consumers: readonly ConsumerKind[];
}

export function createUsage({ sql }: { readonly sql: Sql }): Usage {
  return { routes: (app) => usageRoutes(app, sql), consumers: [usageConsumer(sql)] };
}
