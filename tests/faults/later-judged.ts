/** What has become of scheduled messages and reminders, compared with what was answered about them. */
import type postgres from 'postgres';
import { untilNone, withDatabase } from './database.ts';
import { type Later, type Laters, makeLaters } from './later.ts';
import type { Trouble } from './scenario.ts';

const ENDED_WITHIN_MS = 60_000;

/**
 * Makes them until everything is at rest. Rule `early`: none comes before its time, by the database's clock. Rule `again`: none
 * comes twice. Rule `missing`: all come that were not removed, and nothing is left that waits. Rule `unwanted`: what was removed
 * before does not come, and what was changed before comes as changed.
 */
export async function checkLaters(trouble: Pick<Trouble, 'cluster' | 'random' | 'onRest' | 'complain'>): Promise<void> {
  const { cluster, onRest, complain } = trouble;
  await withDatabase(cluster.databaseUrl, noteEvents);
  const laters = await makeLaters(trouble);
  onRest(async () => {
    await laters.stop();
    await withDatabase(cluster.databaseUrl, async (sql) => {
      for (const detail of await untilNone(() => unfinished(sql, laters), ENDED_WITHIN_MS)) complain('missing', detail);
      const [messages, events] = [await readMessages(sql, laters), await readEvents(sql, laters)];
      for (const later of laters.all) {
        const [own, told] = [messages.filter(({ id }) => id === later.id), events.filter(({ id }) => id === later.id)];
        if (later.sort === 'scheduled') judgeMessage(later, own, told, complain);
        else judgeReminder(later, told, complain);
      }
    });
  });
}

/** A message as it is stored, and when by the database's clock. */
interface Stored {
  readonly id: string;
  readonly text: string;
  readonly at: number;
}

/** What was told of one, in order: its state, what it says, the time that it waits for, and when it was told. */
interface Told extends Stored {
  readonly state: string;
  readonly due: number;
}

/** It is stored once, if it is wanted, as it was changed last, and one event says so. */
export function judgeMessage(
  later: Later,
  own: readonly Stored[],
  told: readonly Told[],
  complain: Trouble['complain'],
): void {
  const { id, versions, wanted } = later;
  const name = `message ${id}`;
  if (own.length > 1) complain('again', `${name} came ${own.length} times`);
  if (own.length === 0 && wanted === 'yes') complain('missing', `${name} did not come`);
  if (own.length > 0 && wanted === 'no') complain('unwanted', `${name} came after it was removed`);
  const said = told.filter(({ state }) => state === 'sent').length;
  if (said !== own.length) complain('again', `${name} came ${own.length} times, which was said ${said} times`);
  for (const { text, at } of own) {
    const due = versions.get(text);
    if (due === undefined) complain('unwanted', `${name} says "${text}", not "${[...versions.keys()].join('" or "')}"`);
    else if (at < due) complain('early', `${name} came ${due - at} ms early`);
  }
}

/** Each of its versions is due once, unless the next one or the removal came before; the last one is due in the end. */
export function judgeReminder(later: Later, told: readonly Told[], complain: Trouble['complain']): void {
  const { id, versions, wanted } = later;
  const name = `reminder ${id}`;
  let before: Told | undefined;
  for (const now of told) {
    if (now.state === 'due') {
      if (before?.state === 'due') complain('again', `${name} was due twice`);
      else if (before?.text !== now.text)
        complain('unwanted', `${name} was due as "${now.text}", not "${before?.text}"`);
      if (now.at < now.due) complain('early', `${name} was due ${now.due - now.at} ms early`);
    }
    if (before?.state === 'removed') complain('unwanted', `${name} is ${now.state} after it was removed`);
    before = now;
  }
  const isThere = before !== undefined && before.state !== 'removed';
  if (isThere && before?.state !== 'due') complain('missing', `${name} did not come`);
  if (isThere && wanted === 'no') complain('unwanted', `${name} was not removed`);
  if (!isThere && wanted === 'yes') complain('missing', `${name} is not there`);
  if (isThere && !versions.has(before?.text ?? '')) complain('unwanted', `${name} says "${before?.text}" in the end`);
}

/** Every event about them is kept, as it was stored: what is published is deleted, and may be published twice. */
async function noteEvents(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create table if not exists later_events
      (id bigserial primary key, tenant_id uuid, frame jsonb, at timestamptz default clock_timestamp());
    create or replace function note_later_event() returns trigger language plpgsql as $$
    begin
      insert into later_events (tenant_id, frame)
      values (new.tenant_id, substr(new.payload, strpos(new.payload, E'\\n') + 1)::jsonb);
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

async function readMessages(sql: postgres.Sql, { cid }: Laters): Promise<Stored[]> {
  return sql<Stored[]>`
    select mid as id, body ->> 'text' as text, (extract(epoch from created_at) * 1000)::float8 as at
    from messages where conversation_id = ${cid} and kind = 'text'`;
}

/** Those about one are in the order of its changes, as each change locks its row. */
async function readEvents(sql: postgres.Sql, { tenant }: Laters): Promise<Told[]> {
  return sql<Told[]>`
    select coalesce(data ->> 'mid', data ->> 'reminderId') as id, coalesce(data -> 'body' ->> 'text', data ->> 'note') as text,
      data ->> 'state' as state, (data ->> 'at')::float8 as due, (extract(epoch from at) * 1000)::float8 as at
    from later_events, lateral (select frame -> 'data' as data) of_frame
    where tenant_id = ${tenant.tenantId} order by later_events.id`;
}
