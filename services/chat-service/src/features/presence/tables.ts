import { boolean, pgTable, text, uuid } from '../../platform/database/drizzle.ts';
import { moment } from '../../platform/database/columns.ts';

/** What users have chosen to show of their presence; none for who has chosen nothing. */
export const presenceChoices = pgTable('presence_choices', {
  userId: uuid('user_id').primaryKey(),
  tenantId: uuid('tenant_id').notNull(),
  choice: text('choice', { enum: ['online', 'away', 'busy', 'invisible'] }).notNull(),
  showsLastSeen: boolean('shows_last_seen').notNull(),
  /** Since when the user is invisible: what others are told of last seen does not move from then on. */
  invisibleSince: moment('invisible_since'),
});
