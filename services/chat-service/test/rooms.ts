/** A database of its own for a test file, and people and rooms put into it directly. */
import { randomUUID } from 'node:crypto';
import { cloneDatabase, createTemplate, dropDatabase } from '@messagecore/dev-servers';
import { createUlid } from '@messagecore/kernel';
import { createMetrics } from '@messagecore/runtime';
import { openStore, type Store, type StoreOptions } from '../src/platform/database/connect.ts';
import { migrate, REQUIRED_SCHEMA_VERSION } from '../src/platform/database/migrations.ts';
import type { AppendItem } from '../src/core/messages/append-batch.ts';
import { createGroupCommit, type GroupCommit, type GroupCommitDeps } from '../src/core/messages/group-commit.ts';
import { createWriteMetrics } from '../src/core/messages/write-metrics.ts';
import { testServers } from './config.ts';

export interface TestDatabase {
  readonly url: string;
  readonly store: Store;
  /** Another instance's way to the same database. */
  open(options?: Partial<StoreOptions>): Store;
  drop(): Promise<void>;
}

export async function createDatabase(): Promise<TestDatabase> {
  const { postgresUrl } = testServers();
  const template = `chat_service_${REQUIRED_SCHEMA_VERSION}`;
  await createTemplate(postgresUrl, template, migrate);
  const url = await cloneDatabase(postgresUrl, template);
  const stores: Store[] = [];
  const open = (options: Partial<StoreOptions> = {}) => {
    const store = openStore({ url, ...options });
    stores.push(store);
    return store;
  };
  return {
    url,
    store: open(),
    open,
    async drop() {
      await Promise.all(stores.map((store) => store.close()));
      await dropDatabase(url);
    },
  };
}

export interface Room {
  readonly tid: string;
  readonly cid: string;
  /** The first is the owner. */
  readonly users: readonly string[];
}

export async function createTenant({ sql }: Store, settings: object = {}, tid: string = randomUUID()): Promise<string> {
  await sql`
    insert into tenants (id, name, subdomain, settings)
    values (${tid}, 'Test', ${tid}, ${JSON.stringify(settings)}::text::jsonb)
    on conflict do nothing`;
  return tid;
}

export async function createRoom(store: Store, { members = 1, tid }: { members?: number; tid?: string } = {}) {
  const { sql } = store;
  const room: Room = {
    tid: await createTenant(store, {}, tid),
    cid: randomUUID(),
    users: Array.from({ length: members }, () => randomUUID()),
  };
  const owner = room.users[0]!;
  await sql`
    insert into users (id, tenant_id, display_name)
    select member, ${room.tid}::uuid, 'Test' from unnest(${[...room.users]}::uuid[]) as member`;
  await sql`
    insert into conversations (conversation_id, tenant_id, kind, created_by)
    values (${room.cid}, ${room.tid}, 'group', ${owner})`;
  await sql`
    insert into participants (conversation_id, user_id, tenant_id, role)
    select ${room.cid}::uuid, member, ${room.tid}::uuid, case when member = ${owner} then 'owner' else 'member' end
    from unnest(${[...room.users]}::uuid[]) as member`;
  return room;
}

export const newMid = createUlid();

/** A message of the room's first user, unless told otherwise. */
export function messageTo({ tid, cid, users }: Room, more: Partial<AppendItem> = {}): AppendItem {
  const body = JSON.stringify({ text: 'hello' });
  return { tid, cid, uid: users[0]!, mid: newMid(), clientId: 'device', kind: 'text', body, ...more };
}

/** An appender without limits whose publications go nowhere, unless told otherwise. */
export function newAppender(store: Store, more: Partial<GroupCommitDeps> = {}): GroupCommit {
  return createGroupCommit({
    sql: store.write,
    limits: { take: async (sends) => sends.map(() => 0), giveBack: async () => {} },
    publish: () => {},
    metrics: createWriteMetrics(createMetrics('test')),
    log: { warn: () => {} },
    ...more,
  });
}
