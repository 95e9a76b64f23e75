/** Raw SQL: a page of an index, by both of its columns. */
import { Mid, Millis } from '@messagecore/protocol';
import type { PageQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Actor } from '../../core/identity/caller.ts';
import { readShown } from '../../core/messages/shown-messages.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import { reminderOf, type ReminderRow, rowColumns } from './reminder-row.ts';

const PageKey = z.tuple([Millis, Mid]);

/** A page as JSON text: a user's reminders by their time, each with its message as the user may see it now. */
export async function listReminders(sql: Sql, user: Actor, { limit, cursor }: PageQuery): Promise<string> {
  const after = decodeCursor(cursor, PageKey);
  const behind =
    after === undefined
      ? sql``
      : sql`and (r.remind_at, r.reminder_id) > (to_timestamp(${after[0]}::float8 / 1000), ${after[1]})`;
  const rows = await sql<ReminderRow[]>`
    select ${rowColumns(sql)} from reminders r
    where r.user_id = ${user.uid} and r.tenant_id = ${user.tid} ${behind}
    order by r.remind_at, r.reminder_id limit ${limit + 1}`;
  const shown = await readShown(sql, user, rows.slice(0, limit));
  const { items, next } = pageOf(rows, shown.length, ({ at, reminderId }) => [at, reminderId]);
  const texts = items.map((row, n) => `${JSON.stringify(reminderOf(row)).slice(0, -1)},"message":${shown[n]}}`);
  return `{"items":[${texts.join(',')}],"next":${JSON.stringify(next)}}`;
}
