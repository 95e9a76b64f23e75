import type { PublishEvents } from '../../core/outbox/emit.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { Answer } from '../../platform/rpc/batch.ts';

export interface CardDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  /** Edits a card as its owner. */
  readonly changeMessages: Answer<'change'>;
}
