/** The order of a user's conversations, and what a page of it costs. */
import { createUlid, VirtualClock } from '@messagecore/kernel';
import { createLogger } from '@messagecore/runtime';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { listConversations } from '../src/core/conversations/conversation-queries.ts';
import { listParticipants } from '../src/core/conversations/participant-queries.ts';
import { listTenants } from '../src/core/tenants/tenant-queries.ts';
import { listUsers } from '../src/core/users/user-queries.ts';
import { listDevices } from '../src/core/users/device-queries.ts';
import { filteredPage } from '../src/core/messages/filtered-page.ts';
import { historyPage } from '../src/core/messages/history.ts';
import type { Sql } from '../src/platform/database/connect.ts';
import { Activity } from '../src/core/conversations/activity.ts';
import { pagesOf } from './plans.ts';
import { createDatabase, createTenant, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
let tid: string;
let sql: Sql;
const newMid = createUlid();

beforeAll(async () => {
  database = await createDatabase();
  sql = database.store.sql;
  tid = await createTenant(database.store);
});
afterAll(() => database.drop());

interface Seeded {
  readonly uid: string;
  readonly cids: string[];
}

/** A user of many conversations with one message each, a minute apart, the oldest first. */
async function seed(count: number): Promise<Seeded> {
  const uid = crypto.randomUUID();
  const cids = Array.from({ length: count }, () => crypto.randomUUID());
  const ages = cids.map((_, n) => count - n);
  const mids = cids.map(() => newMid());
  await sql`
    insert into users (id, tenant_id, display_name) values (${uid}, ${tid}, 'U')`;
  await sql`
    insert into conversations (conversation_id, tenant_id, kind, created_by, last_seq)
    select cid, ${tid}, 'group', ${uid}, 1 from unnest(${cids}::uuid[]) as cid`;
  await sql`
    insert into participants (conversation_id, user_id, tenant_id, active_at)
    select cid, ${uid}, ${tid}, now() - age * interval '1 minute' from unnest(${cids}::uuid[], ${ages}::int[]) as c(cid, age)`;
  await sql`
    insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
    select cid, 1, ${tid}, mid, ${uid}, 'seed', 'text', '{"text":"x"}', now() - age * interval '1 minute'
    from unnest(${cids}::uuid[], ${ages}::int[], ${mids}::text[]) as c(cid, age, mid)`;
  await sql`analyze participants`;
  await sql`analyze conversations`;
  await sql`analyze messages`;
  return { uid, cids };
}

interface Query {
  readonly limit: number;
  readonly archived?: boolean;
  readonly favourite?: boolean;
  readonly hidden?: boolean;
}

async function listAll(uid: string, query: Query): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listConversations(sql, { tid, uid }, { ...query, ...(cursor !== undefined && { cursor }) });
    seen.push(...page.items.map(({ cid }) => cid));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return seen;
}

/** Pages that PostgreSQL looks at for what is done. */
const buffersOf = (work: (sql: Sql) => Promise<unknown>) => pagesOf(database.url, work);

describe('what a page costs', () => {
  test('[CONV-2] a page of one of 10,000 conversations looks at no more than one of 400', async () => {
    const [few, many] = [await seed(400), await seed(10_000)];
    const cost = (uid: string, limit: number) =>
      buffersOf((watched) => listConversations(watched, { tid, uid }, { limit }));
    const [ofFew, ofMany] = [await cost(few.uid, 1), await cost(many.uid, 1)];
    expect(ofMany).toBeLessThan(ofFew * 1.5);
    expect(ofMany).toBeLessThan(3_000);
    expect(await listAll(many.uid, { limit: 200 })).toEqual(many.cids.toReversed());
  });

  test('[SET-3] few pinned, favourite or hidden ones of 10,000 cost what few cost', async () => {
    const { uid, cids } = await seed(10_000);
    const spread = [9_999, 7_000, 5_000, 2_500, 0].map((n) => cids[n]!);
    await sql`
      update participants set pinned = true, favourite = true, hidden_seq = 1
      where user_id = ${uid} and conversation_id = any(${spread}::uuid[])`;
    await sql`analyze participants`;
    const cost = (query: Partial<Query>) =>
      buffersOf((watched) => listConversations(watched, { tid, uid }, { limit: 2, ...query }));
    expect(await listAll(uid, { limit: 2, hidden: true, favourite: true })).toEqual(spread);
    expect(await cost({ hidden: true })).toBeLessThan(300);
    await sql`update participants set hidden_seq = null where user_id = ${uid}`;
    expect(await listAll(uid, { limit: 2, favourite: true })).toEqual(spread);
    expect(await cost({})).toBeLessThan(300);
    await sql`update participants set pinned = false where user_id = ${uid}`;
    expect(await listAll(uid, { limit: 2, favourite: true })).toEqual(spread);
    expect(await cost({ favourite: true })).toBeLessThan(300);
  });

  test('so do other lists, at any depth', async () => {
    const cid = crypto.randomUUID();
    const owner = crypto.randomUUID();
    await sql`
      insert into conversations (conversation_id, tenant_id, kind, created_by, last_seq)
      values (${cid}, ${tid}, 'group', ${owner}, 10000)`;
    await sql`
      with made as (
        insert into users (id, tenant_id, display_name)
        select gen_random_uuid(), ${tid}, 'User ' || n from generate_series(1, 10000) n returning id
      )
      insert into participants (conversation_id, user_id, tenant_id) select ${cid}, id, ${tid} from made`;
    await sql`
      insert into tenants (id, name, subdomain) select gen_random_uuid(), 'T' || n, 'many-' || n from generate_series(1, 5000) n`;
    await sql`
      insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
      select ${cid}, n, ${tid}, 'm' || n, ${owner}, 'seed', case n when 3 then 'sys' else 'text' end, '{"text":"x"}',
        to_timestamp(1790000000 + n)
      from generate_series(1, 10000) n`;
    const [user] = await sql<{ id: string }[]>`
      insert into users (id, tenant_id, display_name) values (gen_random_uuid(), ${tid}, 'D') returning id`;
    const uid = user!.id;
    await sql`
      insert into devices (tenant_id, user_id, client_id) select ${tid}, ${uid}, 'd' || n from generate_series(1, 200) n`;
    for (const table of ['users', 'participants', 'tenants', 'messages', 'devices'])
      await sql.unsafe(`analyze ${table}`);
    const reader = { tid, uid: undefined };
    const middle = Buffer.from(JSON.stringify(['80000000-0000-4000-8000-000000000000'])).toString('base64url');
    const lists: Record<string, (watched: Sql) => Promise<unknown>> = {
      participants: (watched) => listParticipants(watched, reader, cid, { limit: 1, cursor: middle }),
      users: (watched) => listUsers(watched, { tid, uid: undefined }, { limit: 1, cursor: middle }),
      tenants: (watched) => listTenants(watched, { limit: 1, cursor: middle }),
      devices: (watched) => listDevices(watched, { tid, uid }, { limit: 1 }),
      history: (watched) => historyPage(watched, reader, cid, { limit: 1, after: 5_000 }),
      'history, by date': (watched) => historyPage(watched, reader, cid, { limit: 1, at: 1_790_000_005_000 }),
      'history, of a kind': (watched) => filteredPage(watched, reader, cid, { limit: 1, kind: 'sys' }),
      'history, backwards': (watched) => historyPage(watched, reader, cid, { limit: 1, before: 5_000 }),
    };
    for (const [name, list] of Object.entries(lists)) expect(await buffersOf(list), name).toBeLessThan(100);
  });
});

describe('[CONV-2] the order', () => {
  test('is exact for as many as a window has, whatever is behind, and complete beyond', async () => {
    const some = await seed(120);
    await sql`update participants set active_at = now() - interval '1 hour' where user_id = ${some.uid}`;
    for (const limit of [7, 50, 120]) expect(await listAll(some.uid, { limit })).toEqual(some.cids.toReversed());
    const many = await seed(1_000);
    await sql`update participants set active_at = now() - interval '1 hour' where user_id = ${many.uid}`;
    for (const limit of [1, 60, 200]) {
      const seen = await listAll(many.uid, { limit });
      expect(seen.length).toBe(1_000);
      expect(new Set(seen)).toEqual(new Set(many.cids));
    }
  });

  test('holds with a filter that leaves most away', async () => {
    const { uid, cids } = await seed(1_100);
    const archived = cids.filter((_, n) => n % 220 === 3);
    await sql`update conversations set archived_at = now() where conversation_id = any(${archived}::uuid[])`;
    expect(await listAll(uid, { limit: 2, archived: true })).toEqual(archived.toReversed());
    expect((await listAll(uid, { limit: 100, archived: false })).length).toBe(1_100 - archived.length);
  });

  test('a cursor of a former version goes on with what was active before', async () => {
    const { uid, cids } = await seed(10);
    const [row] = await sql<{ at: number }[]>`
      select (extract(epoch from created_at) * 1000)::float8 as at from messages where conversation_id = ${cids[5]!}`;
    const cursor = Buffer.from(JSON.stringify([row!.at, cids[5]])).toString('base64url');
    const { items } = await listConversations(sql, { tid, uid }, { limit: 50, cursor });
    expect(items.map(({ cid }) => cid)).toEqual(cids.slice(0, 5).toReversed());
  });

  test('follows new messages, with one write of a membership in ten minutes', async () => {
    const { uid, cids } = await seed(300);
    const [oldest] = cids;
    const clock = new VirtualClock();
    const activity = new Activity({
      sql,
      log: createLogger({ name: 'test', level: 'error' }),
      timing: { clock, random: () => 0.5 },
    });
    onTestFinished(() => activity.stop());
    const committed = (cid: string) => ({
      outboxId: 1,
      ranges: [{ tid, cid, topic: 'msg' as const, first: 1, last: 1, frames: [] }],
    });
    const speak = async (cid: string) => {
      await sql`
        update conversations set last_seq = last_seq + 1 where conversation_id = ${cid}`;
      await sql`
        insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
        select ${cid}, last_seq, ${tid}, ${newMid()}, ${uid}, 'seed', 'text', '{"text":"y"}', now()
        from conversations where conversation_id = ${cid}`;
      activity.note(committed(cid));
    };
    const activeAt = async () => {
      const [row] = await sql<{ at: number; version: string }[]>`
        select (extract(epoch from active_at) * 1000)::float8 as at, xmin::text as version from participants
        where conversation_id = ${oldest!} and user_id = ${uid}`;
      return row!;
    };
    const before = await activeAt();
    await speak(oldest!);
    await expect
      .poll(async () => {
        clock.advance(1_000);
        return (await activeAt()).at;
      })
      .toBeGreaterThan(before.at + 250 * 60_000);
    expect((await listConversations(sql, { tid, uid }, { limit: 1 })).items.map(({ cid }) => cid)).toEqual([oldest]);
    const { version } = await activeAt();
    for (let n = 0; n < 20; n += 1) {
      await speak(oldest!);
      clock.advance(1_000);
    }
    await speak(cids[1]!);
    await expect
      .poll(async () => {
        clock.advance(1_000);
        return (await listConversations(sql, { tid, uid }, { limit: 2 })).items.map(({ cid }) => cid);
      })
      .toContain(cids[1]);
    expect((await activeAt()).version).toBe(version);
  });
});
