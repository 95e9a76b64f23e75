import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readInbox, readNews } from '../src/core/positions/inbox-queries.ts';
import { openStore, type Store } from '../src/platform/database/connect.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { database, seedMessages } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let store: Store;
let tenant: TestTenant;
let ann: TestUser;

beforeAll(async () => {
  house = await startTestService();
  store = openStore({ url: house.config.databaseUrl });
  tenant = await createTestTenant(house);
  ann = await tenant.user('ann');
});
afterAll(async () => {
  await store.close();
  await house.stop();
});

async function crowd(others: number): Promise<{ cid: string; users: string[] }> {
  const { body } = await ann.post('/v1/conversations', { kind: 'private', name: 'H', participants: [] });
  const users = Array.from({ length: others }, () => randomUUID());
  await database(house)`
    insert into participants (conversation_id, user_id, tenant_id)
    select ${body.cid}, id, ${tenant.tid} from unnest(${users}::uuid[]) as id`;
  return { cid: body.cid, users };
}

test('[INB-3] questions about one conversation, by name and as a whole, are counted from each position', async () => {
  const sql = database(house);
  const { tid } = tenant;
  const { cid, users } = await crowd(3);
  const [near = '', far = '', silent = ''] = users;
  await seedMessages(sql, { tid, cid, uid: near }, 300, (seq) => `text ${seq}`);
  const [row] = await sql<{ head: number }[]>`
    select last_seq::int as head from conversations where conversation_id = ${cid}`;
  const head = row?.head ?? 0;
  await sql`update messages set recalled_at = now() where conversation_id = ${cid} and seq = ${head - 1}`;
  await sql`update participants set last_read_seq = ${head - 10} where conversation_id = ${cid} and user_id <> ${far}`;
  await sql`insert into messages select conversation_id, ${head + 1}, tenant_id, 'last', ${silent}, client_id, kind, body,
    reply_to, thread_root, rev, reactions, created_at from messages where conversation_id = ${cid} and seq = 1`;
  await sql`update conversations set last_seq = ${head + 1} where conversation_id = ${cid}`;
  const answers = await readInbox(store.sql, [
    { tid, cid, users: [near, ann.uid] },
    { tid, cid, users: [far] },
    { tid, cid },
    { tid: randomUUID(), cid },
    { tid, cid: randomUUID(), users: [near] },
  ]);
  const counts = { [near]: 1, [ann.uid]: 10, [far]: head + 1, [silent]: 9 };
  const [byName, further, whole, ...none] = answers.map((answer) => Object.fromEntries(answer.users));
  expect(byName).toEqual({ [near]: counts[near], [ann.uid]: counts[ann.uid] });
  expect(further).toEqual({ [far]: counts[far] });
  expect(whole).toEqual(counts);
  expect(none).toEqual([{}, {}]);
  expect(answers.map(({ head: said }) => said)).toEqual([head + 1, head + 1, head + 1, 0, 0]);
});

test('of a large conversation nobody is named unless asked about', async () => {
  const { tid } = tenant;
  const { cid, users } = await crowd(400);
  const [whole, some] = await readInbox(store.sql, [
    { tid, cid },
    { tid, cid, users: users.slice(0, 256) },
  ]);
  expect([whole?.more, whole?.users, some?.more, some?.users.length]).toEqual([true, [], undefined, 256]);
});

test('[INB-5] [ISO-2] news are those of the tenants that are named, in pages', async () => {
  const other = await createTestTenant(house);
  const eve = await other.user('eve');
  const { body } = await eve.post('/v1/conversations', { kind: 'private', name: 'E', participants: [] });
  const { cid } = await crowd(0);
  const sql = database(house);
  await seedMessages(sql, { tid: other.tid, cid: body.cid, uid: eve.uid }, 2);
  await seedMessages(sql, { tid: tenant.tid, cid, uid: ann.uid }, 2);
  const ask = async (tid: string, after?: string) => {
    const items = [{ tids: [tid], withinMs: 600_000, ...(after !== undefined && { after }) }];
    const [answer] = await readNews(store.sql, items);
    return answer?.conversations ?? [];
  };
  expect(await ask(other.tid)).toEqual([[other.tid, body.cid, 2]]);
  const mine = await ask(tenant.tid);
  expect(mine.map(([, found]) => found)).toContain(cid);
  expect(await ask(tenant.tid, mine.at(-1)?.[1])).toEqual([]);
});
