/** Renaming, deactivating and erasing users. */
import { subjects } from '@messagecore/protocol/bus';
import { ERASED_NAME } from '@messagecore/protocol/features';
import { createUlid } from '@messagecore/kernel';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { listen } from './listen.ts';
import { lockWaits } from './locks.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
});
afterAll(() => house.stop());

const newMid = createUlid();

describe('[ACC-4] renaming', () => {
  test('by the back end, and by the user alone', async () => {
    const [ann, bob] = [await tenant.user('ann'), await tenant.user('bob')];
    const byBackEnd = await tenant.backEnd.patch('/v1/users/ext:ann', { displayName: '  Ann Ångström ' });
    expect([byBackEnd.status, byBackEnd.body.displayName]).toEqual([200, 'Ann Ångström']);
    expect((await ann.patch('/v1/users/me', { displayName: 'Ann' })).body.displayName).toBe('Ann');
    expect((await ann.patch(`/v1/users/${ann.uid}`, { displayName: 'Annie' })).body.displayName).toBe('Annie');
    expect((await bob.get('/v1/users?q=annie')).body.items).toMatchObject([{ userId: ann.uid }]);
    expect((await bob.get('/v1/users?q=angstrom')).body.items).toEqual([]);

    const asBob = tenant.backEnd.with({ 'x-on-behalf-of': 'ext:bob' });
    for (const client of [bob, asBob]) {
      for (const change of [{ displayName: 'Evil' }, { deactivated: true }]) {
        const { status, body } = await client.patch('/v1/users/ext:ann', change);
        expect([status, body.code]).toEqual([403, 'forbidden']);
      }
      expect((await client.patch('/v1/users/me', { deactivated: true })).status).toBe(403);
      expect((await client.delete('/v1/users/ext:ann')).status).toBe(403);
      expect((await client.delete('/v1/users/ext:bob')).status).toBe(403);
    }
    expect((await ann.get('/v1/users/me')).body).toMatchObject({ displayName: 'Annie', deactivated: false });
  });

  test('what is no change, no user, or somebody else’s', async () => {
    await tenant.user('ann');
    for (const body of [{}, { displayName: '' }, { displayName: '\u200b' }, { deactivated: 'yes' }]) {
      expect((await tenant.backEnd.patch('/v1/users/ext:ann', body)).status).toBe(400);
    }
    const stranger = await createTestTenant(house);
    const { uid } = await stranger.user('stranger');
    for (const ref of [uid, 'ext:stranger', 'ext:nobody']) {
      expect((await tenant.backEnd.patch(`/v1/users/${ref}`, { displayName: 'x' })).status).toBe(404);
      expect((await tenant.backEnd.delete(`/v1/users/${ref}`)).status).toBe(404);
    }
    expect((await stranger.backEnd.get('/v1/users/ext:stranger')).body.displayName).toBe('stranger');
  });

  test('a key without the right to write changes nobody', async () => {
    await tenant.user('ann');
    const { body } = await house.operator.post(`/admin/v1/tenants/${tenant.tid}/keys`, {
      scopes: ['users:read', 'tokens:write'],
    });
    const reader = house.rest.with({ 'x-api-key': body.apiKey });
    expect((await reader.patch('/v1/users/ext:ann', { displayName: 'x' })).status).toBe(403);
    expect((await reader.delete('/v1/users/ext:ann')).status).toBe(403);
  });
});

describe('deactivating', () => {
  test('[REVK-2] [REVK-7] ends tokens and sessions at once; tokens of before do not come back with the user', async () => {
    const [gone, onPhone] = [await tenant.user('gone'), await tenant.user('gone', { clientId: 'phone' })];
    const heard = await listen(house, subjects.user(tenant.tid, gone.uid));
    const answer = await tenant.backEnd.patch('/v1/users/ext:gone', { deactivated: true });
    expect([answer.status, answer.body.deactivated]).toEqual([200, true]);
    await expect.poll(() => heard).toEqual([{ v: 1, event: 'deactivated' }]);
    for (const client of [gone, onPhone]) expect((await client.get('/v1/users/me')).status).toBe(403);
    const mint = (more: object) => tenant.backEnd.post('/v1/tokens', { user: 'ext:gone', ...more });
    for (const more of [{}, { clientId: 'phone' }, { clientId: 'new' }, { displayName: 'Renamed' }]) {
      expect((await mint(more)).status).toBe(403);
    }
    const kept = await tenant.backEnd.get('/v1/users/ext:gone');
    expect(kept.body).toMatchObject({ displayName: 'gone', deactivated: true });

    const back = await tenant.backEnd.patch('/v1/users/ext:gone', { deactivated: false });
    expect(back.body.deactivated).toBe(false);
    for (const client of [gone, onPhone]) expect((await client.get('/v1/users/me')).status).toBe(401);
    for (const more of [{}, { clientId: 'phone' }]) {
      expect((await (await tenant.user('gone', more)).get('/v1/users/me')).status).toBe(200);
    }
  });

  test('changes are all made or none', async () => {
    await tenant.user('whole');
    const { status } = await tenant.backEnd.patch('/v1/users/ext:whole', { displayName: '\u202ex', deactivated: true });
    expect(status).toBe(400);
    expect((await tenant.backEnd.get('/v1/users/ext:whole')).body).toMatchObject({
      displayName: 'whole',
      deactivated: false,
    });
  });
});

describe('[PERM-11] the last active owner of a tenant', () => {
  test('is not deactivated, erased or merged away, also when two owners go at once', async () => {
    const own = await createTestTenant(house);
    const [one, two] = [await own.user('one'), await own.user('two')];
    await own.user('plain');
    const give = (name: string, role: string) => own.backEnd.patch(`/v1/users/ext:${name}`, { role });
    await give('one', 'owner');
    const ends = (name: string) => [
      () => own.backEnd.patch(`/v1/users/ext:${name}`, { deactivated: true }),
      () => own.backEnd.delete(`/v1/users/ext:${name}`),
      () => own.backEnd.post(`/v1/users/ext:${name}/merge`, { into: 'ext:plain' }),
    ];
    for (const end of ends('one')) {
      const { status, body } = await end();
      expect([status, body.code]).toEqual([403, 'forbidden']);
    }
    expect((await one.get('/v1/users/me')).body).toMatchObject({ role: 'owner', deactivated: false });

    await give('two', 'owner');
    const [deactivate, erase] = [ends('one')[0]!, ends('two')[1]!];
    const both = await Promise.all([deactivate(), erase()]);
    expect(both.filter(({ status }) => status === 403)).toHaveLength(1);
    const left = await Promise.all([one, two].map((user) => user.get('/v1/users/me')));
    expect(left.filter(({ status, body }) => status === 200 && body.role === 'owner')).toHaveLength(1);
  });

  test('whoever gives a role waits for the tenant before it holds the user', async () => {
    const own = await createTestTenant(house);
    const { uid } = await own.user('given');
    const [sql, other] = [database(house), database(house)];
    const { asked } = await sql.begin(async (tx) => {
      await tx`select from tenants where id = ${own.tid} for no key update`;
      const asked = own.backEnd.patch(`/v1/users/${uid}`, { role: 'admin', displayName: 'Given' });
      await vi.waitUntil(async () => (await lockWaits(other)) > 0, 60_000);
      await tx`select from users where id = ${uid} for no key update nowait`;
      return { asked };
    });
    expect((await asked).body).toMatchObject({ role: 'admin', displayName: 'Given' });
  });
});

describe('[REVK-7] erasing', () => {
  test('keeps the messages, and nothing of who wrote them', async () => {
    const [ann, bob] = [
      await tenant.user('erased', { displayName: 'Zacharias', clientId: 'phone' }),
      await tenant.user('bob'),
    ];
    const room = { kind: 'private', name: 'Room', participants: [ann.uid] };
    const { cid } = (await bob.post('/v1/conversations', room)).body as { cid: string };
    const sent = await ann.post(`/v1/conversations/${cid}/messages`, {
      mid: newMid(),
      kind: 'text',
      body: { text: 'hi' },
    });
    expect(sent.status).toBe(201);
    const sql = database(house);
    await sql`
      insert into device_cursors (conversation_id, user_id, client_id, tenant_id, acked_seq)
      values (${cid}, ${ann.uid}, 'phone', ${tenant.tid}, 1)`;
    await sql`
      insert into drafts (conversation_id, user_id, tenant_id, body, version, updated_at)
      values (${cid}, ${ann.uid}, ${tenant.tid}, '{"text":"unsaid"}', 1, now())`;
    const heard = await listen(house, subjects.user(tenant.tid, ann.uid));

    expect((await tenant.backEnd.delete('/v1/users/ext:erased')).status).toBe(204);
    await expect.poll(() => heard).toEqual([{ v: 1, event: 'deactivated' }]);
    expect((await ann.get('/v1/users/me')).status).toBe(401);
    for (const ref of [ann.uid, 'ext:erased']) {
      expect((await bob.get(`/v1/users/${ref}`)).status).toBe(404);
      expect((await tenant.backEnd.delete(`/v1/users/${ref}`)).status).toBe(404);
    }
    expect((await tenant.backEnd.post('/v1/tokens', { user: ann.uid })).status).toBe(404);
    expect((await tenant.backEnd.with({ 'x-on-behalf-of': ann.uid }).get('/v1/users/me')).status).toBe(404);
    expect((await bob.get('/v1/users?q=zacharias')).body.items).toEqual([]);

    const { items } = (await bob.get(`/v1/conversations/${cid}/messages`)).body;
    expect(items.filter((item: { from: string }) => item.from === ann.uid)).toMatchObject([{ body: { text: 'hi' } }]);
    const participants = (await bob.get(`/v1/conversations/${cid}/participants`)).body.items;
    expect(participants).toContainEqual(
      expect.objectContaining({ userId: ann.uid, externalId: null, displayName: ERASED_NAME }),
    );
    for (const table of ['devices', 'device_cursors', 'drafts']) {
      await vi.waitUntil(
        async () => (await sql`select from ${sql(table)} where user_id = ${ann.uid}`).length === 0,
        30_000,
      );
    }
    const [row] = await sql`select * from users where id = ${ann.uid}`;
    expect(JSON.stringify(row)).not.toMatch(/zacharias|erased/i);

    const next = await tenant.user('erased');
    expect(next.uid).not.toBe(ann.uid);
    expect((await next.get('/v1/users/me')).body.displayName).toBe('erased');
    expect((await next.get(`/v1/conversations/${cid}`)).status).toBe(403);
  });
});
