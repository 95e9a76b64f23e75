import { boolean, pgTable, smallint, text } from '../database/drizzle.ts';
import type { LiveTexts, Watch } from '@messagecore/runtime';
import { json, moment } from '../database/columns.ts';

/** What holds for the whole platform and is changed while it runs: one row. */
export const systemSettings = pgTable('system_settings', {
  id: smallint('id').primaryKey().default(1),
  maintenance: boolean('maintenance').notNull().default(false),
  message: text('message'),
  until: moment('until'),
  /** Product areas that were switched, by name; all others are on. */
  features: json('features').$type<Readonly<Record<string, boolean>>>().notNull().default({}),
  /** What is logged and traced in full for a while. */
  watches: json('watches').$type<readonly Watch[]>().notNull().default([]),
  /** Settings of services that were changed, by name, as the environment would say them. */
  settings: json('settings').$type<LiveTexts>().notNull().default({}),
  changedAt: moment('changed_at'),
});
