import type { KindsOfTenants } from '../../core/messages/extensions.ts';
import type { PublishEvents } from '../../core/outbox/emit.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { Send } from './ports.ts';

export interface ScheduledDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  readonly send: Send;
  readonly kinds: KindsOfTenants;
}
