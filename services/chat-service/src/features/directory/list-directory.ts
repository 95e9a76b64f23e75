import { Cid, storable } from '@messagecore/protocol';
import type { DirectoryChannel, DirectoryQuery, Page } from '@messagecore/protocol/features';
import { and, desc, eq, gt, lt, lte, or, type SQL, sql as part } from '../../platform/database/drizzle.ts';
import { z } from 'zod';
import { conversations, participants } from '../../core/conversations/tables.ts';
import type { Reader } from '../../core/identity/caller.ts';
import { searchable } from '../../core/users/search-name.ts';
import { readTenantRole } from '../../core/users/user-queries.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { decodeCursor, pageOf } from '../../platform/http/cursor.ts';
import { directoryChannels } from './tables.ts';

const ByName = z.tuple([storable(), Cid]);
const ByMembers = z.tuple([z.int32(), Cid]);

/** A search by name may take no longer than this. */
const SEARCH_TIMEOUT_MS = 2_000;

/**
 * Public channels of the tenant, by name or with the largest first, a page at a time; none for guests. Channels that change
 * while the pages are being turned may be missed or come twice.
 */
export async function listDirectory(sql: Sql, reader: Reader, query: DirectoryQuery): Promise<Page<DirectoryChannel>> {
  const { tid, uid } = reader;
  if (uid !== undefined && (await readTenantRole(sql, tid, uid)) === 'guest') return { items: [], next: null };
  if (query.q === undefined) return readPage(sql, reader, query);
  return sql.begin(async (tx) => {
    await db(tx).execute(part`select set_config('statement_timeout', ${String(SEARCH_TIMEOUT_MS)}, true)`);
    return readPage(tx, reader, query);
  });
}

async function readPage(
  sql: Sql | Transaction,
  { tid, uid }: Reader,
  { q, order, limit, cursor }: DirectoryQuery,
): Promise<Page<DirectoryChannel>> {
  const { conversationId, tenantId, searchName, members } = directoryChannels;
  const names = q === undefined ? undefined : searchable(q);
  if (names === '') return { items: [], next: null };
  const rows = await db(sql)
    .select({
      ...{ cid: conversationId, name: conversations.name, topic: conversations.topic, avatar: conversations.avatar },
      openToListeners: conversations.openToListeners,
      ...{ members, joined: part<boolean>`${participants.userId} is not null`, searchName },
    })
    .from(directoryChannels)
    .innerJoin(conversations, eq(conversations.conversationId, conversationId))
    .leftJoin(participants, uid === undefined ? part`false` : isMembership(uid))
    .where(
      and(
        eq(tenantId, tid),
        names === undefined ? undefined : part`${searchName} like ${containing(names)}`,
        order === 'name' ? afterName(cursor) : afterMembers(cursor),
      ),
    )
    .orderBy(...(order === 'name' ? [searchName] : [desc(members)]), conversationId)
    .limit(limit + 1);
  const keyOf = ({ searchName, members }: (typeof rows)[number]) => (order === 'name' ? searchName : members);
  const { items, next } = pageOf(rows, limit, (last) => [keyOf(last), last.cid]);
  const shown = items.map(({ searchName: _, joined, ...channel }) => ({
    ...channel,
    joined: uid === undefined ? null : joined,
  }));
  return { items: shown, next };
}

function isMembership(uid: string): SQL | undefined {
  return and(eq(participants.conversationId, directoryChannels.conversationId), eq(participants.userId, uid));
}

function afterName(cursor: string | undefined): SQL | undefined {
  const after = decodeCursor(cursor, ByName);
  const { searchName, conversationId } = directoryChannels;
  return after && part`(${searchName}, ${conversationId}) > (${after[0]}, ${after[1]}::uuid)`;
}

function afterMembers(cursor: string | undefined): SQL | undefined {
  const after = decodeCursor(cursor, ByMembers);
  const { members, conversationId } = directoryChannels;
  if (after === undefined) return undefined;
  const [count, cid] = after;
  return and(lte(members, count), or(lt(members, count), gt(conversationId, cid)));
}

const containing = (text: string) => `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
