/** Raw SQL: statements of several parts over many conversations at once. */
import type { Transaction } from '../../platform/database/connect.ts';

/** Messages of one conversation that are counted in one transaction. */
const PIECE = 10_000;

/**
 * Counts what these conversations have that is not counted yet, and who said it. Returns those of which there is more to count.
 *
 * Invariant: a conversation's mark is locked while its messages are counted, and moves in the same transaction, so each
 * message is counted once, however often and by however many processes this is called; so is each user of a day and month,
 * who is counted when the row that says so is inserted.
 */
export async function countMessages(tx: Transaction, cids: readonly string[]): Promise<readonly string[]> {
  await tx`
    insert into usage_marks (conversation_id, counted_seq)
    select cid, 0 from unnest(${[...cids]}::uuid[]) as cid order by cid
    on conflict do nothing`;
  const rows = await tx<{ cid: string; more: boolean }[]>`
    with mark as materialized (
      select conversation_id, counted_seq from usage_marks
      where conversation_id = any(${[...cids]}::uuid[]) order by conversation_id for update
    ),
    due as (
      select c.conversation_id, m.counted_seq, least(c.last_seq, m.counted_seq + ${PIECE}) as upto, c.last_seq
      from mark m join conversations c using (conversation_id) where c.last_seq > m.counted_seq
    ),
    sent as materialized (
      select m.tenant_id, (m.created_at at time zone 'UTC')::date as day, m.sender_id, count(*) as messages
      from due join messages m
        on m.conversation_id = due.conversation_id and m.seq > due.counted_seq and m.seq <= due.upto
      where m.kind <> 'sys' group by 1, 2, 3
    ),
    on_day as (
      insert into usage_active (tenant_id, span, since, user_id)
      select tenant_id, 'day', day, sender_id from sent order by 1, 3, 4
      on conflict do nothing returning tenant_id, since as day, user_id
    ),
    in_month as (
      insert into usage_active (tenant_id, span, since, user_id)
      select distinct tenant_id, 'month', date_trunc('month', day)::date, user_id from on_day order by 1, 3, 4
      on conflict do nothing returning tenant_id, since as month
    ),
    added as (
      insert into usage_daily (tenant_id, day, messages, active_users)
      select tenant_id, day, sum(messages),
        (select count(*) from on_day d where d.tenant_id = sent.tenant_id and d.day = sent.day)
      from sent group by tenant_id, day order by tenant_id, day
      on conflict (tenant_id, day) do update set
        messages = usage_daily.messages + excluded.messages,
        active_users = usage_daily.active_users + excluded.active_users
    ),
    added_to_months as (
      insert into usage_months (tenant_id, month, active_users)
      select tenant_id, month, count(*) from in_month group by tenant_id, month order by tenant_id, month
      on conflict (tenant_id, month) do update set active_users = usage_months.active_users + excluded.active_users
    ),
    moved as (
      update usage_marks u set counted_seq = due.upto from due where u.conversation_id = due.conversation_id
    )
    select conversation_id as cid, upto < last_seq as more from due`;
  return rows.filter(({ more }) => more).map(({ cid }) => cid);
}

/** Conversations behind `after` with something to count, ascending. Found by the heads alone. */
export async function findUncounted(tx: Transaction, after: string, limit: number): Promise<readonly string[]> {
  const rows = await tx<{ cid: string }[]>`
    select c.conversation_id as cid
    from conversations c left join usage_marks m using (conversation_id)
    where c.conversation_id > ${after}::uuid and c.last_seq > coalesce(m.counted_seq, 0)
    order by c.conversation_id limit ${limit}`;
  return rows.map(({ cid }) => cid);
}
