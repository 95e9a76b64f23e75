/**
 * Who may listen: read a public channel without taking part in it (LSN-1), the row `listen` of the table of permissions.
 * Raw SQL: parts of raw statements.
 */
import type { Fragment, Sql, Transaction } from '../../platform/database/connect.ts';

/** Whether the user, who does not take part in the conversation `c`, may listen there. */
export const mayListen = (sql: Sql | Transaction, uid: Fragment): Fragment => sql`(
  c.open_to_listeners and c.kind = 'public' and exists (
    select from users u where u.id = ${uid} and u.tenant_id = c.tenant_id and u.status = 'active' and u.role <> 'guest'
  ) and not exists (
    select from conversation_bans b
    where b.conversation_id = c.conversation_id and b.user_id = ${uid} and (b.until is null or b.until > now())
  ))`;

/** The oldest message that one who listens may see: nobody has joined, so of a history since joining it is none so far. */
export const firstHeard = (sql: Sql | Transaction): Fragment => sql`
  case when c.history_since_joining then c.last_seq + 1 else c.first_seq end`;
