/** What lists show beside their own rows. */
import type { Person } from '@messagecore/protocol/features';
import { and, eq, sql, type SQL, alias } from '../../platform/database/drizzle.ts';
import { participants } from '../../core/conversations/tables.ts';
import { users } from '../../core/users/tables.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import type { invitations, joinRequests } from './tables.ts';

/** Who opened the way, where there is one. */
export const openers = alias(users, 'openers');

const personOf = ({ id, displayName }: typeof users | typeof openers): SQL<Person> =>
  sql`json_build_object('userId', ${id}, 'displayName', ${displayName})`;

export const person = personOf(users);
export const opener: SQL<Person | null> = sql`case when ${openers.id} is not null then ${personOf(openers)} end`;

/** The membership that a way has led to, if the user takes part. */
export const membershipOf = (run: Sql | Transaction, way: typeof invitations | typeof joinRequests) =>
  db(run)
    .select({ uid: participants.userId })
    .from(participants)
    .where(and(eq(participants.conversationId, way.conversationId), eq(participants.userId, way.userId)));
