/** What a directory changes beside others: roles, owners, merged users, and several requests at once. */
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { listGroups } from '../src/features/scim/groups.ts';
import { openStore } from '../src/platform/database/connect.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { askScim, group, PATCH, person } from './scim-client.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
beforeAll(async () => {
  house = await startTestService();
});
afterAll(() => house.stop());
beforeEach(async () => {
  tenant = await createTestTenant(house);
  const roles = [
    { group: 'Chat Admins', role: 'admin' },
    { group: 'Guests', role: 'guest' },
  ];
  await house.operator.put(`/admin/v1/tenants/${tenant.tid}/scim`, { roles });
});

const scim = (method: string, path: string, body?: object) =>
  askScim(house, { method, path, body, key: tenant.apiKey });
const added = async (more: object = {}) => (await scim('POST', 'Users', { ...person(), ...more })).body;
const patch = (path: string, ...operations: object[]) =>
  scim('PATCH', path, { schemas: [PATCH], Operations: operations });
const user = async (id: string) => (await tenant.backEnd.get(`/v1/users/${id}`)).body;
const list = async (kind: string, query: Readonly<Record<string, string>>) =>
  (await scim('GET', `${kind}?${new URLSearchParams(query).toString()}`)).body;
const idsOf = ({ Resources: some }: { Resources: { id: string }[] }) => some.map(({ id }) => id);

describe('[ACC-3] roles of groups', () => {
  test('go with the user who is deleted', async () => {
    const { id } = await added();
    await scim('POST', 'Groups', group('Chat Admins', id));
    expect((await user(id)).role).toBe('admin');
    expect((await scim('DELETE', `Users/${id}`)).status).toBe(204);
    expect(await user(id)).toMatchObject({ role: 'member', deactivated: true });
  });

  test('leave owners what they are, the last one too', async () => {
    const [owner, other] = [await added(), await added()];
    await database(house)`update users set role = 'owner' where id = ${owner.id}`;
    const made = await scim('POST', 'Groups', group('Guests', owner.id, other.id));
    expect(made.status).toBe(201);
    expect([(await user(owner.id)).role, (await user(other.id)).role]).toEqual(['owner', 'guest']);
    const put = await scim('PUT', `Groups/${made.body.id}`, group('Guests', other.id));
    expect([put.status, (await user(owner.id)).role]).toEqual([200, 'owner']);
    // Whom others make an owner meanwhile stays one as well.
    await database(house)`update users set role = 'owner' where id = ${other.id}`;
    expect((await scim('DELETE', `Groups/${made.body.id}`)).status).toBe(204);
    expect((await user(other.id)).role).toBe('owner');
  });
});

describe('[ACC-3] a user who was merged into another', () => {
  const isMerged = (id: string) =>
    vi.waitUntil(
      async () => (await database(house)`select from users where id = ${id} and status = 'deleted'`).length === 1,
      30_000,
    );
  const mergedPair = async () => {
    const [from, into] = [await added(), await added()];
    expect((await tenant.backEnd.post(`/v1/users/${from.id}/merge`, { into: into.id })).status).toBeLessThan(300);
    await isMerged(from.id);
    return [from, into];
  };

  test('is the survivor to the directory: names, groups, and who is let in', async () => {
    const from = await added();
    const { uid } = await tenant.user('survivor');
    await tenant.backEnd.post(`/v1/users/${from.id}/merge`, { into: uid });
    await isMerged(from.id);
    const put = await scim('PUT', `Users/${from.id}`, { ...from, displayName: 'By the directory' });
    expect([put.status, put.body.id, (await user(uid)).displayName]).toEqual([200, from.id, 'By the directory']);
    const admins = (await scim('POST', 'Groups', group('Chat Admins', from.id))).body;
    expect((await user(uid)).role).toBe('admin');
    await scim('DELETE', `Groups/${admins.id}`);
    expect((await user(uid)).role).toBe('member');
    expect((await patch(`Users/${from.id}`, { op: 'replace', value: { active: false } })).status).toBe(200);
    expect((await user(uid)).deactivated).toBe(true);
    await patch(`Users/${from.id}`, { op: 'replace', value: { active: true } });
    expect((await user(uid)).deactivated).toBe(false);
    expect((await scim('DELETE', `Users/${from.id}`)).status).toBe(204);
    expect((await user(uid)).deactivated).toBe(true);
  });

  test('goes from the directory without the survivor, whom it knows too', async () => {
    const [from, into] = await mergedPair();
    await scim('POST', 'Groups', group('Chat Admins', into.id));
    expect((await scim('DELETE', `Users/${from.id}`)).status).toBe(204);
    expect(await user(into.id)).toMatchObject({ role: 'admin', deactivated: false });
    expect((await scim('DELETE', `Users/${into.id}`)).status).toBe(204);
    expect((await user(into.id)).deactivated).toBe(true);
  });

  test('is erased with the survivor', async () => {
    const [from, into] = await mergedPair();
    const sql = database(house);
    expect((await tenant.backEnd.delete(`/v1/users/${into.id}`)).status).toBeLessThan(300);
    const left = () => sql`select from scim_users where user_id in (${from.id}, ${into.id})`;
    await vi.waitUntil(async () => (await left()).length === 0, 60_000);
  });
});

describe('[ACC-3] several requests at once', () => {
  test('change one user without losing anything', async () => {
    const { id } = await added();
    const attributes = ['title', 'nickName', 'userType', 'preferredLanguage', 'locale', 'timezone'];
    const value = (attribute: string) => (attribute === 'timezone' ? 'Europe/Vienna' : 'fr-FR');
    const answers = await Promise.all(
      attributes.map((path) => patch(`Users/${id}`, { op: 'replace', path, value: value(path) })),
    );
    expect(answers.map(({ status }) => status)).toEqual(attributes.map(() => 200));
    const { body } = await scim('GET', `Users/${id}`);
    expect(body).toMatchObject(Object.fromEntries(attributes.map((path) => [path, value(path)])));
  });

  test('change one group without losing anybody', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => added()));
    const { id } = (await scim('POST', 'Groups', group('Chat Admins'))).body;
    await Promise.all(
      people.map((one) => patch(`Groups/${id}`, { op: 'add', path: 'members', value: [{ value: one.id }] })),
    );
    const { body } = await scim('GET', `Groups/${id}`);
    expect(new Set(body.members.map(({ value }: { value: string }) => value))).toEqual(
      new Set(people.map((one) => one.id)),
    );
    for (const one of people) expect((await user(one.id)).role).toBe('admin');
  });

  test('make one user of one name, new or renamed, and the others are told so', async () => {
    const same = person();
    const present = await Promise.all(Array.from({ length: 3 }, () => added()));
    const renamed = present.map((one) => scim('PUT', `Users/${one.id}`, { ...one, userName: same.userName }));
    const made = Array.from({ length: 3 }, () => scim('POST', 'Users', same));
    const statuses = (await Promise.all([...renamed, ...made])).map(({ status }) => status);
    expect(statuses.filter((status) => status < 300)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(5);
    expect((await list('Users', { filter: `userName eq "${same.userName}"` })).totalResults).toBe(1);
  });
});

test('[ACC-3] more requests at once than may wait are refused, and told when to come again', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, () => scim('GET', 'Users')));
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  for (const { status, body, retryAfter } of refused)
    expect([status, body.status, Number(retryAfter)]).toEqual([429, '429', expect.toSatisfy((n: number) => n >= 1)]);
});

describe('[ACC-3] lists', () => {
  test('of many users are paged and looked through as a whole', async () => {
    const sql = database(house);
    await sql`
      insert into scim_users (tenant_id, user_id, name_key, attributes, active)
      select ${tenant.tid}, gen_random_uuid(), 'u' || to_char(n, 'FM0000'),
        json_build_object('userName', 'u' || to_char(n, 'FM0000'), 'externalId', 'e' || n, 'title', 'T' || n % 2)::jsonb, true
      from generate_series(1, 1100) n`;
    const namesOf = ({ Resources: some }: { Resources: { userName: string }[] }) =>
      some.map(({ userName }) => userName);
    const last = await list('Users', { startIndex: '1099', count: '5' });
    expect([last.totalResults, last.itemsPerPage, namesOf(last)]).toEqual([1100, 2, ['u1099', 'u1100']]);
    const odd = await list('Users', { filter: 'title eq "T1"', startIndex: '549', count: '5' });
    expect([odd.totalResults, namesOf(odd)]).toEqual([550, ['u1097', 'u1099']]);
    const none = await list('Users', { filter: 'title eq "T1"', count: '0' });
    expect([none.totalResults, none.itemsPerPage]).toEqual([550, 0]);
    const [first] = (await list('Users', { filter: 'externalId eq "e7"' })).Resources;
    expect(first.userName).toBe('u0007');
    expect(idsOf(await list('Users', { filter: `id eq "${first.id}"` }))).toEqual([first.id]);
    for (const filter of ['id eq "none"', String.raw`userName eq "\u0000"`])
      expect((await list('Users', { filter })).totalResults).toBe(0);
    expect((await list('Users', { filter: String.raw`userName eq "\x"` })).status).toBe('400');
  });

  test('of groups end before they have too many members', async () => {
    const sql = database(house);
    const [ann] = [await added()];
    const groups = [];
    for (const name of ['one', 'three', 'two'])
      groups.push((await scim('POST', 'Groups', group(name, ann.id))).body.id);
    await sql`
      insert into scim_members (tenant_id, group_id, user_id)
      select ${tenant.tid}, ${groups[1]}, gen_random_uuid() from generate_series(1, 9999)`;
    const page = await list('Groups', {});
    expect([page.totalResults, page.itemsPerPage, idsOf(page)]).toEqual([3, 1, [groups[0]]]);
    expect(idsOf(await list('Groups', { startIndex: '2' }))).toEqual([groups[1]]);
    const found = await list('Groups', { filter: 'displayName pr', startIndex: '2' });
    expect([found.totalResults, idsOf(found)]).toEqual([3, [groups[1]]]);
    const one = await list('Groups', { filter: `members.value eq "${ann.id}"` });
    expect([one.totalResults, idsOf(one)]).toEqual([3, [groups[0]]]);
  });

  test('of large groups are counted once, and read once, when a filter looks through them', async () => {
    const sql = database(house);
    const own = await createTestTenant(house);
    await sql`
      with made as (
        insert into scim_groups (tenant_id, id, display_name)
        select ${own.tid}, gen_random_uuid(), 'g' || to_char(n, 'FM00') from generate_series(1, 20) n returning id
      )
      insert into scim_members (tenant_id, group_id, user_id)
      select ${own.tid}, id, gen_random_uuid() from made, generate_series(1, 5001)`;
    const store = openStore({ url: house.config.databaseUrl, poolSize: 1 });
    onTestFinished(() => store.close());
    let statements = 0;
    const counting = new Proxy(store.sql, {
      get(target, name, self) {
        if (name === 'unsafe') statements += 1;
        return Reflect.get(target, name, self) as unknown;
      },
    });
    const { totalResults } = (await listGroups(counting, own.tid, { filter: 'displayName sw "g"', count: 0 })) as {
      totalResults: number;
    };
    expect(totalResults).toBe(20);
    // One for the groups and their sizes each, one for the members of each, and one of each that find no more.
    expect(statements).toBeGreaterThan(20);
    expect(statements).toBeLessThanOrEqual(20 + 5);
  });

  test('have no more users and groups than a directory may have', async () => {
    const sql = database(house);
    await sql`
      insert into scim_groups (tenant_id, id, display_name)
      select ${tenant.tid}, gen_random_uuid(), 'g' || n from generate_series(1, 1000) n`;
    expect((await scim('POST', 'Groups', group('one more'))).status).toBe(403);
    await sql`
      insert into scim_users (tenant_id, user_id, name_key, attributes, active)
      select ${tenant.tid}, gen_random_uuid(), 'u' || n, '{}', true from generate_series(1, 100000) n`;
    expect((await scim('POST', 'Users', person())).status).toBe(403);
    await sql`delete from scim_users where tenant_id = ${tenant.tid}`;
  });
});
