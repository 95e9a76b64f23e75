/** What lists show beside their own rows. */
import type { ConversationCard, Person } from '@messagecore/protocol/features';
import { sql, type SQL } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { z } from 'zod';
import { Cid, Millis } from '@messagecore/protocol';
import { conversations } from '../../core/conversations/tables.ts';
import { users } from '../../core/users/tables.ts';

/** Who opened the way, where there is one. */
export const openers = alias(users, 'openers');

const personOf = ({ id, displayName }: typeof users | typeof openers): SQL<Person> =>
  sql`json_build_object('userId', ${id}, 'displayName', ${displayName})`;

export const person = personOf(users);
export const opener: SQL<Person | null> = sql`case when ${openers.id} is not null then ${personOf(openers)} end`;

const { conversationId, kind, name, topic, avatar } = conversations;
export const card: SQL<ConversationCard> = sql`json_build_object(
  'cid', ${conversationId}, 'kind', ${kind}, 'name', ${name}, 'topic', ${topic}, 'avatar', ${avatar}
)`;

/** Cursor of lists with the newest first. */
export const NewestFirst = z.tuple([Millis, Cid]);
