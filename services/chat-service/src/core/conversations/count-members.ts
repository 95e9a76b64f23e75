/** Raw SQL: part of other statements. */
import { LIMITS } from '@messagecore/protocol';
import type { Fragment, Sql, Transaction } from '../../platform/database/connect.ts';

/** How many take part in the conversation `c`, at a bounded cost: `LIMITS.membersCounted` stands for that many or more. */
export const membersOf = (sql: Sql | Transaction): Fragment => sql`(
  select count(*)::integer from (
    select from participants p where p.conversation_id = c.conversation_id limit ${LIMITS.membersCounted}
  ) counted
)`;
