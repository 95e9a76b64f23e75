/** A participant's own settings as SQL, of `participants` under a name. Raw SQL: parts of raw statements. */
import type { Fragment, Sql, Transaction } from '../../platform/database/connect.ts';

/** Whether notifications are silent now. */
const isSilent = (sql: Sql | Transaction, p: Fragment): Fragment => sql`coalesce(${p}.silent_until > now(), false)`;

/** Whether the conversation is hidden now: until the next message, or for as long as it is silent. */
export const isHidden = (sql: Sql | Transaction, p: Fragment, lastSeq: Fragment): Fragment => sql`
  (${p}.hidden_seq is not null and (${lastSeq} <= ${p}.hidden_seq or ${isSilent(sql, p)}))`;

/** The object of `ConversationSettings`. */
export const settingsOf = (sql: Sql | Transaction, p: Fragment, lastSeq: Fragment): Fragment => sql`
  json_build_object(
    'silentUntil', case when ${isSilent(sql, p)} then least((extract(epoch from ${p}.silent_until) * 1000)::float8, 8.64e15) end,
    'pinned', ${p}.pinned, 'hidden', ${isHidden(sql, p, lastSeq)}, 'favourite', ${p}.favourite,
    'markedUnread', coalesce(${p}.unread_mark = ${p}.last_read_seq, false), 'level', ${p}.notify_level
  )`;
