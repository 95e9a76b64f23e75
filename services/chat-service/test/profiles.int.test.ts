/** Profiles, the fields that a tenant adds to them, and who sees whom. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { subjects } from '@messagecore/protocol/bus';
import { listen } from './listen.ts';
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

test('[USER-4] whoever watches a user hears of every way in which its profile changes', async () => {
  const ann = await tenant.user('ann-2');
  const old = await tenant.user('old-2');
  const heard = await listen(house, subjects.tenant(tenant.tid));
  const about = (uid: string) => heard.filter(({ watching }) => watching === uid);
  const expectOne = async (uid: string, change: () => Promise<{ status: number }>) => {
    const before = about(uid).length;
    expect((await change()).status).toBeLessThan(300);
    await expect.poll(() => about(uid), { timeout: 60_000 }).toHaveLength(before + 1);
  };
  const mint = (user: string, displayName: string) => () => tenant.backEnd.post('/v1/tokens', { user, displayName });
  await expectOne(ann.uid, mint('ext:ann-2', 'Annie'));
  await expectOne(ann.uid, mint(ann.uid, 'Ann'));
  await expectOne(old.uid, () => tenant.backEnd.post('/v1/users/ext:old-2/merge', { into: ann.uid }));
  const before = about(old.uid).length;
  await expectOne(ann.uid, () => tenant.backEnd.delete(`/v1/users/${ann.uid}`));
  // The merged user bore the survivor's name.
  await expect.poll(() => about(old.uid), { timeout: 60_000 }).toHaveLength(before + 1);
});

describe('[USER-1] profiles', () => {
  test('are changed field by field, seen by others, and taken back with null', async () => {
    const [ann, bob] = [await tenant.user('ann'), await tenant.user('bob')];
    const nothing = { avatar: null, bio: null, status: null, locale: null, timeZone: null, fields: {} };
    expect((await ann.get('/v1/users/me')).body).toMatchObject(nothing);
    const told = { bio: 'Writes.\nReads.', locale: 'zh-hans-cn', timeZone: 'Asia/Shanghai' };
    const changed = await ann.patch('/v1/users/me', { ...told, avatar: 'https://example.com/a.png' });
    const kept = { ...nothing, ...told, locale: 'zh-Hans-CN', avatar: 'https://example.com/a.png' };
    expect([changed.status, changed.body]).toEqual([200, expect.objectContaining(kept)]);
    expect((await bob.get(`/v1/users/${ann.uid}`)).body).toMatchObject(kept);
    expect((await bob.get('/v1/users?q=ann')).body.items).toMatchObject([kept]);
    expect((await ann.patch('/v1/users/me', { bio: null, avatar: null })).body).toMatchObject({
      ...kept,
      ...{ bio: null, avatar: null, displayName: 'ann' },
    });
    expect((await bob.patch('/v1/users/ext:ann', { bio: 'no' })).status).toBe(403);
    expect((await tenant.backEnd.patch('/v1/users/ext:ann', { bio: 'By the back end' })).body.bio).toBe(
      'By the back end',
    );
  });

  test('a status ends at its time, without anybody doing anything', async () => {
    const ann = await tenant.user('ann');
    const lasting = { text: 'On holiday', emoji: '🏖️', until: Date.now() + 3_600_000 };
    expect((await ann.patch('/v1/users/me', { status: lasting })).body.status).toEqual(lasting);
    const sql = database(house);
    await sql`update user_profiles set status_until = now() where user_id = ${ann.uid}`;
    expect((await ann.get('/v1/users/me')).body.status).toBeNull();
    const forever = await ann.patch('/v1/users/me', { status: { emoji: '🎧' } });
    expect(forever.body.status).toEqual({ text: '', emoji: '🎧', until: null });
    expect((await ann.patch('/v1/users/me', { status: null })).body.status).toBeNull();
  });

  test.each([
    { timeZone: 'Asia/Atlantis' },
    { timeZone: '+01:00' },
    { timeZone: 'CET' },
    { locale: 'not a language' },
    { status: {} },
    { status: { text: 'a\nb' } },
    { bio: '' },
    { bio: 'x'.repeat(1_001) },
    { avatar: 'javascript:alert(1)' },
    { fields: { 'not a name': 1 } },
    { fields: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`f${n}`, n])) },
  ])('%j is refused', async (change) => {
    const ann = await tenant.user('ann');
    const { status, body } = await ann.patch('/v1/users/me', change);
    expect([status, body.errors[0].path.split('.')[0]]).toEqual([400, Object.keys(change)[0]]);
  });
});

describe('[USER-1] fields of the tenant', () => {
  test('are declared, checked by type, and seen by whom they are for', async () => {
    const own = await createTestTenant(house);
    const [ann, bob] = [await own.user('ann'), await own.user('bob')];
    const put = (name: string, field: object) => own.backEnd.put(`/v1/profile-fields/${name}`, field);
    await put('team', { label: 'Team', type: 'text' });
    await put('born', { label: 'Born', type: 'date', visibleTo: 'self' });
    await put('level', { label: 'Level', type: 'number', visibleTo: 'backend' });
    expect((await ann.put('/v1/profile-fields/mine', { label: 'Mine', type: 'text' })).status).toBe(403);
    expect((await own.backEnd.get('/v1/profile-fields')).body.items).toHaveLength(3);
    expect((await ann.get('/v1/profile-fields')).body.items).toEqual([
      { name: 'born', label: 'Born', type: 'date', visibleTo: 'self' },
      { name: 'team', label: 'Team', type: 'text', visibleTo: 'everyone' },
    ]);

    const fields = { team: 'Blue', born: '1990-01-31' };
    expect((await ann.patch('/v1/users/me', { fields })).body.fields).toEqual(fields);
    const level = await own.backEnd.patch('/v1/users/ext:ann', { fields: { level: 3 } });
    expect(level.body.fields).toEqual({ ...fields, level: 3 });
    expect((await ann.get('/v1/users/me')).body.fields).toEqual(fields);
    expect((await bob.get('/v1/users/ext:ann')).body.fields).toEqual({ team: 'Blue' });
    for (const wrong of [{ team: 1 }, { born: 'yesterday' }, { level: 4 }, { unknown: 'x' }, { level: null }]) {
      const { status, body } = await ann.patch('/v1/users/me', { fields: wrong });
      expect([status, body.errors[0].path]).toEqual([400, `fields.${Object.keys(wrong)[0]}`]);
    }
    expect((await ann.patch('/v1/users/me', { fields: { born: null } })).body.fields).toEqual({ team: 'Blue' });

    expect((await own.backEnd.delete('/v1/profile-fields/team')).status).toBe(204);
    expect((await bob.get('/v1/users/ext:ann')).body.fields).toEqual({});
    expect((await tenant.backEnd.get('/v1/profile-fields')).body.items).toEqual([]);
  });

  test('are as many as a tenant may have', async () => {
    const own = await createTestTenant(house);
    const put = (n: number) => own.backEnd.put(`/v1/profile-fields/f${n}`, { label: `${n}`, type: 'text' });
    const answers = await Promise.all(Array.from({ length: 34 }, (_, n) => put(n)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(32);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(2);
    const [one] = (await own.backEnd.get('/v1/profile-fields')).body.items;
    const again = await own.backEnd.put(`/v1/profile-fields/${one.name}`, { label: 'Renamed', type: 'url' });
    expect(again.body).toMatchObject({ label: 'Renamed', type: 'url' });
  });
});

test('[USER-2] a guest sees those with whom it shares a conversation, and nobody else', async () => {
  const own = await createTestTenant(house);
  const [guest, ann] = [await own.user('guest'), await own.user('ann')];
  await own.user('stranger');
  const sql = database(house);
  await sql`update users set role = 'guest' where id = ${guest.uid}`;
  const names = async (path: string) =>
    (await guest.get(path)).body.items.map(({ displayName }: { displayName: string }) => displayName).toSorted();
  expect(await names('/v1/users')).toEqual(['guest']);
  expect((await guest.get('/v1/users/ext:ann')).status).toBe(404);
  await ann.post('/v1/conversations', { kind: 'private', name: 'Room', participants: [guest.uid] });
  expect(await names('/v1/users')).toEqual(['ann', 'guest']);
  expect(await names('/v1/users?q=an')).toEqual(['ann']);
  expect(await names('/v1/users?q=stranger')).toEqual([]);
  expect((await guest.get('/v1/users/ext:ann')).status).toBe(200);
  expect((await guest.get('/v1/users/ext:stranger')).status).toBe(404);
  expect((await guest.put('/v1/users/me/following/ext:stranger')).status).toBe(404);
  expect((await ann.get('/v1/users')).body.items).toHaveLength(3);
});

test('[USER-2] a guest decides on those whom its conversation and its blocks name, though it sees them nowhere else', async () => {
  const own = await createTestTenant(house);
  const [guest, asking, invited] = [await own.user('guest'), await own.user('asking'), await own.user('invited')];
  const { cid } = (await guest.post('/v1/conversations', { kind: 'private', name: 'Room' })).body;
  const path = `/v1/conversations/${cid}`;
  await asking.post(`${path}/join-requests`, {});
  await guest.post(`${path}/invitations`, { users: [invited.uid] });
  const sql = database(house);
  await sql`update users set role = 'guest' where id = ${guest.uid}`;
  const statusOf = async (answer: Promise<{ status: number }>) => (await answer).status;
  for (const user of [asking, invited]) expect(await statusOf(guest.get(`/v1/users/${user.uid}`))).toBe(404);

  expect(await statusOf(guest.delete(`${path}/invitations/${invited.uid}`))).toBe(204);
  expect(await statusOf(guest.post(`${path}/join-requests/${asking.uid}/approve`))).toBe(200);
  expect(await statusOf(guest.put('/v1/users/me/blocks/ext:asking'))).toBe(204);
  expect(await statusOf(guest.put(`${path}/bans/ext:asking`, {}))).toBe(200);
  expect(await statusOf(guest.get('/v1/users/ext:asking'))).toBe(404);
  expect(await statusOf(guest.delete(`${path}/bans/ext:asking`))).toBe(204);
  expect(await statusOf(guest.delete('/v1/users/me/blocks/ext:asking'))).toBe(204);
  expect(await statusOf(guest.post(`${path}/participants`, { users: ['ext:asking'] }))).toBe(404);
});
