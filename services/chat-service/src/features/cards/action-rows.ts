/** Raw SQL: an action as its owner and its actor see it; the database's clock says whether it can still be answered. */
import { LIMITS } from '@messagecore/protocol';
import type { CardAction } from '@messagecore/protocol/features';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import type { Given } from './rules.ts';

/** An action as it is read. People may type what PostgreSQL takes out of no JSON, so that this is left as it is stored. */
export interface ActionRow extends Omit<CardAction, keyof Given> {
  /** A `Given` as JSON. */
  readonly given: string;
}

export const actionOf = ({ given, ...row }: ActionRow): CardAction => ({ ...row, ...(JSON.parse(given) as Given) });

/** Of `card_actions a`: whether it can be answered now. */
export const isOpen = (sql: Sql | Transaction) =>
  sql`(a.state = 'waiting' and a.created_at + ${LIMITS.cardAnswerMs} * interval '1 millisecond' > clock_timestamp())`;

const atMs = (sql: Sql | Transaction) => sql`round(extract(epoch from a.created_at) * 1000)::float8`;

/** An `ActionRow`, of `card_actions a`. What nobody has answered in time reads so at once, whenever the job comes. */
export const actionColumns = (sql: Sql | Transaction) => sql`
  a.action_id as "actionId", a.conversation_id as cid, a.seq, a.actor_id as "from", a.element as action,
  a.given::text as given,
  case when a.state = 'waiting' and not ${isOpen(sql)} then 'timeout' else a.state end as state,
  a.answer as text, ${atMs(sql)} as at, ${atMs(sql)} + ${LIMITS.cardAnswerMs} as until`;
