/** Raw SQL: an action as its owner and its actor see it; the database's clock says whether it can still be answered. */
import { LIMITS } from '@messagecore/protocol';
import type { CardAction } from '@messagecore/protocol/features';
import type { Sql, Transaction } from '../../platform/database/connect.ts';

/** Of `card_actions a`: whether it can be answered now. */
export const isOpen = (sql: Sql | Transaction) =>
  sql`(a.state = 'waiting' and a.created_at + ${LIMITS.cardAnswerMs} * interval '1 millisecond' > clock_timestamp())`;

const atMs = (sql: Sql | Transaction) => sql`round(extract(epoch from a.created_at) * 1000)::float8`;

/** Of `card_actions a`. What nobody has answered in time reads so at once, whenever the job comes. */
export const actionColumns = (sql: Sql | Transaction) => sql`
  a.action_id as "actionId", a.conversation_id as cid, a.seq, a.actor_id as "from", a.element as action,
  a.given ->> 'value' as value, a.given -> 'inputs' as inputs,
  case when a.state = 'waiting' and not ${isOpen(sql)} then 'timeout' else a.state end as state,
  a.answer as text, ${atMs(sql)} as at, ${atMs(sql)} + ${LIMITS.cardAnswerMs} as until`;

/** One's own card's action. */
export async function readAction(
  sql: Sql | Transaction,
  { tid, uid }: { readonly tid: string; readonly uid: string },
  cid: string,
  actionId: string,
): Promise<CardAction | undefined> {
  const [action] = await sql<CardAction[]>`
    select ${actionColumns(sql)} from card_actions a
    where a.conversation_id = ${cid} and a.action_id = ${actionId} and a.tenant_id = ${tid} and a.owner_id = ${uid}`;
  return action;
}
