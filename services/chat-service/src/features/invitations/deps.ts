import type { ConversationDeps } from '../../core/conversations/conversation-transaction.ts';
import type { PublishEvents } from '../../core/outbox/emit.ts';
import type { Sql } from '../../platform/database/connect.ts';

export interface InvitationsDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  /** For what makes members. */
  readonly conversations: ConversationDeps;
}
