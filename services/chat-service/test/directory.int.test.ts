/** The directory of public channels. */
import { LIMITS } from '@messagecore/protocol';
import type postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { directoryConsumer } from '../src/features/directory/directory.consumer.ts';
import type { Sql } from '../src/platform/database/connect.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let sql: postgres.Sql;
let tenant: TestTenant;
let [ann, bob]: TestUser[] = [];

beforeAll(async () => {
  house = await startTestService();
  sql = house.sql();
});
afterAll(() => house.stop());
beforeEach(async () => {
  tenant = await createTestTenant(house);
  [ann, bob] = await tenant.users('ann', 'bob');
});

interface Listed {
  readonly cid: string;
  readonly name: string;
  readonly members: number;
  readonly joined: boolean | null;
}

async function newChannel(name: string, participants: string[] = [], kind = 'public'): Promise<string> {
  const { status, body } = await ann!.post('/v1/conversations', { kind, name, participants });
  expect(status).toBe(201);
  return body.cid;
}

async function directory(user: TestUser | TestTenant['backEnd'], query: object = {}): Promise<Listed[]> {
  const { status, body } = await user.get(
    `/v1/directory?${new URLSearchParams({ limit: '200', ...query }).toString()}`,
  );
  expect(status).toBe(200);
  return body.items;
}
const names = async (query: object = {}) => (await directory(ann!, query)).map(({ name }) => name);
/** The directory is some seconds behind. */
const untilListed = (count: number) => vi.waitUntil(async () => (await names()).length === count, 60_000);

test('[CONV-4] public channels are listed with their members, others are not, and no other tenant’s', async () => {
  const cid = await newChannel('plans', ['ext:bob']);
  await newChannel('secret', [], 'private');
  await untilListed(1);
  const channel = { openToListeners: false, cid, name: 'plans', topic: null, avatar: null, members: 2 };
  expect(await directory(ann!)).toEqual([{ ...channel, joined: true }]);
  const cy = await tenant.user('cy');
  expect(await directory(cy)).toEqual([{ ...channel, joined: false }]);
  expect(await directory(tenant.backEnd)).toEqual([{ ...channel, joined: null }]);
  expect(await directory(await (await createTestTenant(house)).user('eve'))).toEqual([]);
});

test('[CONV-4] it follows what happens: joins, leaving, a new name, archiving, deletion', async () => {
  const cid = await newChannel('one');
  await untilListed(1);
  const shows = (wanted: Partial<Listed>) =>
    vi.waitUntil(async () => {
      const [channel] = await directory(ann!);
      return (
        channel !== undefined && Object.entries(wanted).every(([key, value]) => Reflect.get(channel, key) === value)
      );
    }, 60_000);
  await bob!.post(`/v1/conversations/${cid}/join`);
  await shows({ members: 2 });
  await bob!.post(`/v1/conversations/${cid}/leave`);
  await shows({ members: 1 });
  await ann!.patch(`/v1/conversations/${cid}`, { name: 'two' });
  await vi.waitUntil(async () => (await names({ q: 'TWO' })).length === 1, 60_000);
  expect(await names({ q: 'one' })).toEqual([]);
  await ann!.patch(`/v1/conversations/${cid}`, { archived: true });
  await untilListed(0);
  await ann!.patch(`/v1/conversations/${cid}`, { archived: false });
  await untilListed(1);
  await ann!.delete(`/v1/conversations/${cid}`);
  await untilListed(0);
});

test('[CONV-4] a search finds a part of the name in any script', async () => {
  const all = ['Обсуждение планов', '产品讨论', 'Ｆｕｌｌｗｉｄｔｈ', 'Crème brûlée', '100 % off_', 'plain'];
  for (const name of all) await newChannel(name);
  await untilListed(all.length);
  const finds: [string, string[]][] = [
    ['ПЛАНОВ', ['Обсуждение планов']],
    ['讨论', ['产品讨论']],
    ['fullwidth', ['Ｆｕｌｌｗｉｄｔｈ']],
    ['creme BRULEE', ['Crème brûlée']],
    ['%', ['100 % off_']],
    ['f_', ['100 % off_']],
    ['nothing like it', []],
    ['\u200B', []],
  ];
  for (const [q, found] of finds) expect([q, await names({ q })]).toEqual([q, found]);
});

test('[CONV-4] by name or by members, pages hold each channel once', async () => {
  await newChannel('b', ['ext:bob']);
  for (const name of ['C', 'a', 'é', 'd']) await newChannel(name);
  await untilListed(5);
  expect(await names()).toEqual(['a', 'b', 'C', 'd', 'é']);
  expect((await names({ order: 'members' }))[0]).toBe('b');
  for (const order of ['name', 'members']) {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path = `/v1/directory?${new URLSearchParams({ order, limit: '2', ...(cursor && { cursor }) }).toString()}`;
      const { body }: { body: { items: Listed[]; next: string | null } } = await ann!.get(path);
      seen.push(...body.items.map(({ name }) => name));
      cursor = body.next;
    }
    expect(seen).toEqual(await names({ order }));
  }
  expect((await ann!.get('/v1/directory?cursor=abc')).body.code).toBe('bad_request');
});

test('[CONV-4] guests see none', async () => {
  await newChannel('plans');
  await untilListed(1);
  const guest = await tenant.user('guest');
  await sql`update users set role = 'guest' where id = ${guest.uid}`;
  expect(await directory(guest)).toEqual([]);
  expect(await directory(guest, { q: 'plans' })).toEqual([]);
});

test('[CONV-4] what was missed is made up for, and members are counted up to a bound', async () => {
  const cid = await newChannel('large');
  await untilListed(1);
  await sql`
    insert into participants (conversation_id, user_id, tenant_id)
    select ${cid}, gen_random_uuid(), ${tenant.tid} from generate_series(1, ${LIMITS.membersCounted + 5})`;
  await sql`delete from directory_channels`;
  const { reconcile } = directoryConsumer(sql as unknown as Sql);
  let cursor: string | null = null;
  do {
    const from: string | null = cursor;
    cursor = await sql.begin((tx) => reconcile(tx as never, { since: new Date(0).toISOString(), cursor: from }));
  } while (cursor !== null);
  expect(await directory(ann!)).toMatchObject([{ cid, members: LIMITS.membersCounted }]);
});
