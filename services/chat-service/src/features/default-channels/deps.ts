import type { ConversationDeps } from '../../core/conversations/conversation-transaction.ts';
import type { Sql } from '../../platform/database/connect.ts';

export interface DefaultChannelsDeps {
  readonly sql: Sql;
  readonly conversations: ConversationDeps;
}
