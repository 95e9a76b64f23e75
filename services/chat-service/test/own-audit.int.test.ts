/** The audit log of a tenant, as its own admins read it (COMP-1, TNT-8). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RestClient } from './client.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { startTestService, type TestService } from './service.ts';

const LOG = '/v1/tenant/audit';

let house: TestService;
let tenant: TestTenant;
/** What the operator reads. */
let entries: Entry[];
let moderated: string;
let admin: RestClient;

interface Entry {
  readonly seq: number;
  readonly at: number;
  readonly action: string;
  readonly actor: string;
  readonly address: string;
  readonly target: string;
}

beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
  moderated = (await tenant.user('moderated')).uid;
  for (const role of ['moderator', 'member', 'admin']) await tenant.backEnd.patch(`/v1/users/${moderated}`, { role });
  const { body } = await tenant.backEnd.post('/v1/tokens', { user: moderated });
  admin = house.rest.with({ authorization: `Bearer ${body.token}` });
  entries = (await house.operator.get(`/admin/v1/tenants/${tenant.tid}/audit?limit=100`)).body.items;
});
afterAll(() => house.stop());

/** Everything that answers, page after page. */
async function walk(reader: RestClient, query: string): Promise<Entry[]> {
  const all: Entry[] = [];
  let cursor = '';
  do {
    const { status, body } = await reader.get(`${LOG}?${query}${cursor}`);
    expect(status).toBe(200);
    all.push(...body.items);
    cursor = body.next === null ? '' : `&cursor=${body.next}`;
  } while (cursor !== '');
  return all;
}

const forTenant = (entry: Entry) => (entry.actor === 'operator' ? { ...entry, address: '' } : entry);

test('[TNT-8] its back end and its admins read what the operator reads, without where the operator was', async () => {
  const ofOperator = entries.filter(({ actor }) => actor === 'operator');
  expect(ofOperator.map(({ address }) => address)).toEqual(ofOperator.map(() => '127.0.0.1'));
  for (const reader of [tenant.backEnd, admin]) {
    expect(await walk(reader, 'limit=100')).toEqual(entries.map(forTenant));
  }
});

test('[COMP-1] page by page nothing is left out and nothing comes twice', async () => {
  expect(entries.length).toBeGreaterThan(4);
  expect(await walk(tenant.backEnd, 'limit=2')).toEqual(entries.map(forTenant));
});

test('[COMP-1] filters are those of the operator', async () => {
  const [, second] = entries.filter(({ action }) => action === 'give_tenant_role');
  const filters = [
    ['action=give_tenant_role', ({ action }: Entry) => action === 'give_tenant_role'],
    ['actor=operator', ({ actor }: Entry) => actor === 'operator'],
    [`target=user:${moderated}`, ({ target }: Entry) => target === `user:${moderated}`],
    [`from=${second?.at}`, ({ at }: Entry) => at >= (second?.at ?? Infinity)],
    [`to=${second?.at}`, ({ at }: Entry) => at < (second?.at ?? 0)],
  ] as const;
  for (const [query, isAsked] of filters) {
    const expected = entries.filter(isAsked).map(forTenant);
    expect(expected.length).toBeGreaterThan(0);
    expect(await walk(tenant.backEnd, `limit=1&${query}`)).toEqual(expected);
  }
});

test('[TNT-1] [TNT-2] members, moderators and keys without the scope admin do not read it', async () => {
  const users = await tenant.users('plain', 'helper');
  await tenant.backEnd.patch(`/v1/users/${users[1]?.uid}`, { role: 'moderator' });
  for (const user of users) {
    expect((await user.get(LOG)).body.code).toBe('forbidden');
    expect((await tenant.backEnd.with({ 'x-on-behalf-of': user.uid }).get(LOG)).body.code).toBe('forbidden');
  }
  const key = await house.operator.post(`/admin/v1/tenants/${tenant.tid}/keys`, { scopes: ['users:read'] });
  const { status, body } = await house.rest.with({ 'x-api-key': key.body.apiKey }).get(LOG);
  expect([status, body.detail]).toEqual([403, expect.stringContaining('admin')]);
});

test('[ISO-1] [TNT-8] another tenant sees nothing of it, whatever it asks for', async () => {
  const other = await createTestTenant(house);
  const theirs = (await house.operator.get(`/admin/v1/tenants/${other.tid}/audit?limit=100`)).body.items;
  expect(await walk(other.backEnd, 'limit=100')).toEqual(theirs.map(forTenant));
  expect(await walk(other.backEnd, `limit=100&target=user:${moderated}`)).toEqual([]);
  // A place in one tenant's log is only a place in the other's.
  const { next } = (await tenant.backEnd.get(`${LOG}?limit=1`)).body;
  const behind = (await other.backEnd.get(`${LOG}?limit=100&cursor=${next}`)).body.items;
  expect(behind).toEqual(theirs.slice(1).map(forTenant));
});
