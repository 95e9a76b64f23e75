/** What has become of scheduled messages and reminders, compared with what was answered about them. */
import type postgres from 'postgres';
import { untilNone, withDatabase } from './database.ts';
import { type Later, type Laters, makeLaters } from './later.ts';
import type { Trouble } from './scenario.ts';

const ENDED_WITHIN_MS = 60_000;

/** What has come of one: how often, what it said, and when by the database's clock. */
interface Come {
  readonly id: string;
  readonly text: string;
  readonly at: number;
}

/**
 * Makes them until everything is at rest. Rule `early`: none comes before its time, by the database's clock. Rule `again`: none
 * comes twice. Rule `missing`: all come that were not removed, and nothing is left that waits. Rule `unwanted`: what was removed
 * before does not come, and what was changed comes as changed.
 */
export async function checkLaters(trouble: Pick<Trouble, 'cluster' | 'random' | 'onRest' | 'complain'>): Promise<void> {
  const { cluster, onRest, complain } = trouble;
  await withDatabase(cluster.databaseUrl, noteEvents);
  const laters = await makeLaters(trouble);
  onRest(async () => {
    await laters.stop();
    await withDatabase(cluster.databaseUrl, async (sql) => {
      const open = await untilNone(() => unfinished(sql, laters), ENDED_WITHIN_MS);
      for (const detail of open) complain('missing', detail);
      const [sent, told] = [await readMessages(sql, laters), await readReminders(sql, laters)];
      for (const later of laters.all) judge(later, later.sort === 'scheduled' ? sent : told, complain);
      for (const detail of await wrongEvents(sql, laters, sent)) complain('again', detail);
    });
  });
}

function judge(later: Later, come: readonly Come[], complain: Trouble['complain']): void {
  const { sort, id, versions, wanted } = later;
  const own = come.filter((each) => each.id === id);
  if (own.length > 1) complain('again', `${sort} ${id} came ${own.length} times`);
  if (own.length === 0 && wanted === 'yes') complain('missing', `${sort} ${id} did not come`);
  if (own.length > 0 && wanted === 'no') complain('unwanted', `${sort} ${id} came after it was removed`);
  for (const { text, at } of own) {
    const from = versions.get(text);
    if (from === undefined)
      complain('unwanted', `${sort} ${id} says "${text}", not "${[...versions.keys()].join('" or "')}"`);
    else if (at < from) complain('early', `${sort} ${id} came ${from - at} ms early`);
  }
}

/** Every event about them is kept, as it was stored: what is published is deleted, and may be published twice. */
async function noteEvents(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create table if not exists later_events (tenant_id uuid, frame jsonb, at timestamptz default clock_timestamp());
    create or replace function note_later_event() returns trigger language plpgsql as $$
    begin
      insert into later_events (tenant_id, frame) values (new.tenant_id, substr(new.payload, strpos(new.payload, E'\\n') + 1)::jsonb);
      return null;
    end $$;
    create or replace trigger later_events after insert on outbox_events for each row
      when (new.payload like '%"scheduled.changed"%' or new.payload like '%"reminders.changed"%')
      execute function note_later_event();`);
}

async function unfinished(sql: postgres.Sql, { tenant }: Laters): Promise<string[]> {
  const messages = await sql<{ mid: string; state: string; error: string | null }[]>`
    select mid, state, error from scheduled_messages where tenant_id = ${tenant.tenantId}`;
  const reminders = await sql<{ id: string }[]>`
    select reminder_id as id from reminders where tenant_id = ${tenant.tenantId} and not is_due`;
  return [
    ...messages.map(({ mid, state, error }) => `scheduled ${mid} is ${state}${error === null ? '' : `: ${error}`}`),
    ...reminders.map(({ id }) => `reminder ${id} waits`),
  ];
}

async function readMessages(sql: postgres.Sql, { cid }: Laters): Promise<Come[]> {
  return sql<Come[]>`
    select mid as id, body ->> 'text' as text, (extract(epoch from created_at) * 1000)::float8 as at
    from messages where conversation_id = ${cid} and kind = 'text'`;
}

/** One that came is told as due. */
async function readReminders(sql: postgres.Sql, { tenant }: Laters): Promise<Come[]> {
  return sql<Come[]>`
    select frame -> 'data' ->> 'reminderId' as id, frame -> 'data' ->> 'note' as text,
      (extract(epoch from at) * 1000)::float8 as at
    from later_events
    where tenant_id = ${tenant.tenantId} and frame ->> 'event' = 'reminders.changed' and frame -> 'data' ->> 'state' = 'due'`;
}

/** Of each message that was sent one event says so, with its number. */
async function wrongEvents(sql: postgres.Sql, { tenant }: Laters, sent: readonly Come[]): Promise<string[]> {
  const told = await sql<{ id: string; times: number }[]>`
    select frame -> 'data' ->> 'mid' as id, count(*)::int as times from later_events
    where tenant_id = ${tenant.tenantId} and frame ->> 'event' = 'scheduled.changed' and frame -> 'data' ->> 'state' = 'sent'
    group by 1`;
  const times = new Map(told.map(({ id, times: count }) => [id, count]));
  return sent
    .filter(({ id }) => times.get(id) !== 1)
    .map(({ id }) => `that ${id} was sent was said ${times.get(id) ?? 0} times`);
}
