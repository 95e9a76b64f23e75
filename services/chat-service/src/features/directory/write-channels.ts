/** Raw SQL: many channels at once, and a count of a bounded part. */
import { membersOf } from '../../core/conversations/count-members.ts';
import { searchable } from '../../core/users/search-name.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { lockNames } from '../../platform/database/lock-names.ts';

interface Channel {
  readonly cid: string;
  readonly tid: string;
  readonly name: string | null;
  readonly members: number;
}

/**
 * Writes the channels among these conversations as they are now, and deletes the others. Whoever writes one holds its name
 * from before it is read, so that what is written is never older than what was there.
 */
export async function writeChannels(tx: Transaction, cids: readonly string[]): Promise<void> {
  await lockNames(
    tx,
    cids.map((cid) => `directory ${cid}`),
  );
  const channels = await tx<Channel[]>`
    select conversation_id as cid, tenant_id as tid, name, ${membersOf(tx)} as members
    from conversations c
    where conversation_id = any(${[...cids]}::uuid[]) and kind = 'public' and deleted_at is null and archived_at is null`;
  const found = new Set(channels.map(({ cid }) => cid));
  await tx`delete from directory_channels where conversation_id = any(${cids.filter((cid) => !found.has(cid))}::uuid[])`;
  await tx`
    insert into directory_channels (conversation_id, tenant_id, search_name, members)
    select * from unnest(
      ${channels.map(({ cid }) => cid)}::uuid[], ${channels.map(({ tid }) => tid)}::uuid[],
      ${channels.map(({ name }) => searchable(name ?? '').trim())}::text[], ${channels.map(({ members }) => members)}::integer[]
    )
    on conflict (conversation_id) do update set search_name = excluded.search_name, members = excluded.members`;
}

/** Public channels behind `after` that changed since then, by id. */
export async function findChanged(tx: Transaction, since: Date, after: string, limit: number): Promise<string[]> {
  const rows = await tx<{ cid: string }[]>`
    select conversation_id as cid from conversations
    where conversation_id > ${after} and kind = 'public' and updated_at >= ${since}
    order by conversation_id limit ${limit}`;
  return rows.map(({ cid }) => cid);
}
