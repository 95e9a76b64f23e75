import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hs256, part, startIdentityProvider } from './identity-provider.ts';
import { createTestTenant, type TestTenant } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
let identityProvider: Awaited<ReturnType<typeof startIdentityProvider>>;

beforeAll(async () => {
  identityProvider = await startIdentityProvider();
  const { url, issuer, audience } = identityProvider;
  house = await startTestService({ keySets: [{ url, issuer, audience, tenants: 'all' }] });
  tenant = await createTestTenant(house);
});
afterAll(async () => {
  await house.stop();
  identityProvider.stop();
});

const claims = (uid: string, more: object = {}) => ({
  sub: uid,
  tid: tenant.tid,
  exp: Math.ceil(Date.now() / 1000) + 60,
  ...more,
});

const asBearer = (token: string) => house.rest.with({ authorization: `Bearer ${token}` });

describe('[ACC-1] tokens', () => {
  test('the first creates the user, the next finds the same, displayName renames, also when many ask at once', async () => {
    const mint = (body: object) => tenant.backEnd.post('/v1/tokens', body);
    const minted = await Promise.all(Array.from({ length: 8 }, () => mint({ user: 'ext:first' })));
    expect(minted.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
    const ids = new Set(minted.map(({ body }) => body.userId));
    expect(ids.size).toBe(1);

    const named = await mint({ user: 'ext:first', displayName: 'First of all' });
    const before = Date.now();
    const byId = await mint({ user: named.body.userId, ttlSeconds: 60 });
    expect(byId.body.userId).toBe(named.body.userId);
    expect(byId.body.expiresAt).toBeGreaterThan(before + 59_000);
    expect(byId.body.expiresAt).toBeLessThanOrEqual(Date.now() + 61_000);
    const me = await asBearer(byId.body.token).get('/v1/users/me');
    expect(me.body).toMatchObject({ externalId: 'first', displayName: 'First of all', deactivated: false });
  });

  test('only the back end mints, and for its own users', async () => {
    const alice = await tenant.user('alice');
    expect((await alice.post('/v1/tokens', { user: 'ext:bob' })).status).toBe(401);
    expect((await house.rest.post('/v1/tokens', { user: 'ext:bob' })).status).toBe(401);
    const stranger = await (await createTestTenant(house)).user('stranger');
    expect((await tenant.backEnd.post('/v1/tokens', { user: stranger.uid })).status).toBe(404);
  });

  test.each([
    [{ user: 'bob' }, ['user']],
    [{ user: 'ext:' }, ['user']],
    [{ user: 'ext:a\u0000b' }, ['user']],
    [{ user: 'ext:bob', ttlSeconds: 0, clientId: '' }, ['clientId', 'ttlSeconds']],
    [{ user: 'ext:bob', ttlSeconds: 86_401, displayName: ' ' }, ['displayName', 'ttlSeconds']],
  ])('%j is refused', async (body, paths) => {
    const answer = await tenant.backEnd.post('/v1/tokens', body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((error: { path: string }) => error.path).toSorted()).toEqual(paths);
  });

  test('[AUTH-5] [AUTH-6] what is not signed by us, expired, or of nobody is refused alike; 5 s of leeway', async () => {
    const { uid } = await tenant.user('alice');
    const now = Math.floor(Date.now() / 1000);
    const secret = house.config.jwtSecret;
    const good = claims(uid);
    const refused: Record<string, string> = {
      'another secret': hs256(good, 'x'.repeat(40)),
      expired: hs256({ ...good, exp: now - 6 }, secret),
      'no end': hs256({ sub: uid, tid: tenant.tid }, secret),
      'no tenant': hs256({ sub: uid, exp: good.exp }, secret),
      'unknown user': hs256({ ...good, sub: randomUUID() }, secret),
      'unknown tenant': hs256({ ...good, tid: randomUUID() }, secret),
      'not a user id': hs256({ ...good, sub: 'alice' }, secret),
      unsigned: `${part({ alg: 'none' })}.${part(good)}.`,
      rubbish: 'abc',
    };
    const details = new Set<string>();
    for (const [what, token] of Object.entries(refused)) {
      const { status, body } = await asBearer(token).get('/v1/users/me');
      expect([what, status, body.code]).toEqual([what, 401, 'unauthorized']);
      details.add(body.detail);
    }
    expect(details.size).toBe(1);
    expect((await asBearer(hs256({ ...good, exp: now - 3 }, secret)).get('/v1/users/me')).status).toBe(200);
  });

  test('a tenant may sign with its own secret, for its own users only, until it takes the secret back', async () => {
    const own = 'the tenant’s own secret, long enough';
    const { uid } = await tenant.user('alice');
    const stranger = await createTestTenant(house);
    const token = hs256(claims(uid), own);
    expect((await asBearer(token).get('/v1/users/me')).status).toBe(401);

    await house.operator.patch(`/admin/v1/tenants/${tenant.tid}`, { jwtSecret: own });
    expect((await asBearer(token).get('/v1/users/me')).body.userId).toBe(uid);
    const { uid: other } = await stranger.user('other');
    expect((await asBearer(hs256({ ...claims(other), tid: stranger.tid }, own)).get('/v1/users/me')).status).toBe(401);

    await house.operator.patch(`/admin/v1/tenants/${tenant.tid}`, { jwtSecret: null });
    expect((await asBearer(token).get('/v1/users/me')).status).toBe(401);
  });

  test.each(['RS256', 'ES256', 'EdDSA'] as const)(
    '%s by a key set, never with another algorithm’s key',
    async (alg) => {
      const provider = identityProvider;
      const { uid } = await tenant.user('alice');
      expect((await asBearer(provider.token(alg, claims(uid))).get('/v1/users/me')).body.userId).toBe(uid);
      for (const kid of ['RS256', 'ES256', 'EdDSA'].filter((name) => name !== alg)) {
        expect((await asBearer(provider.token(alg, claims(uid), { kid })).get('/v1/users/me')).status).toBe(401);
      }
    },
  );
});

describe('[ACC-4] users', () => {
  test('are listed by page, found by part of a name, and read by id or external id', async () => {
    const own = await createTestTenant(house);
    const [anna] = [
      await own.user('anna', { displayName: 'Anna Ångström' }),
      await own.user('bert'),
      await own.user('cleo'),
    ];
    const first = await anna.get('/v1/users?limit=2');
    const rest = await anna.get(`/v1/users?limit=2&cursor=${first.body.next}`);
    expect(first.body.items).toHaveLength(2);
    expect([...first.body.items, ...rest.body.items].map((user) => user.externalId).toSorted()).toEqual([
      'anna',
      'bert',
      'cleo',
    ]);
    expect(rest.body.next).toBeNull();

    expect((await anna.get(`/v1/users?q=${encodeURIComponent('ångs')}`)).body.items).toHaveLength(1);
    for (const q of ['%25', '_', '%5C']) expect((await anna.get(`/v1/users?q=${q}`)).body.items).toEqual([]);
    await own.user('100%_\\', { displayName: 'Odd' });
    for (const q of ['0%25_', '%25_%5C']) expect((await anna.get(`/v1/users?q=${q}`)).body.items).toHaveLength(1);
    expect((await anna.get(`/v1/users/${anna.uid}`)).body).toEqual((await own.backEnd.get('/v1/users/ext:anna')).body);
  });

  test('a search by a part of a name has an index', async () => {
    const own = await createTestTenant(house);
    const busy = await own.user('busy');
    const sql = database(house);
    await sql`
      insert into users (id, tenant_id, external_id, display_name)
      select gen_random_uuid(), ${own.tid}::uuid, 'user-' || n, 'Person number ' || n from generate_series(1, 20000) n`;
    await sql`vacuum analyze users`;
    expect((await busy.get('/v1/users?q=NUMBER 19999')).body.items).toHaveLength(1);
    const scans = async () =>
      (await sql`select idx_scan::int as scans from pg_stat_user_indexes where indexrelname = 'users_names'`)[0]?.[
        'scans'
      ];
    await expect.poll(scans, { timeout: 60_000 }).toBeGreaterThan(0);
  });

  test('a search finds whatever its case, accents, width and form', async () => {
    const own = await createTestTenant(house);
    const names = {
      angstrom: 'Anna Ångström',
      decomposed: 'Jose\u0301 Nin\u0303o',
      wide: 'Ｗｉｄｅ Ｎａｍｅ',
      kana: 'ｶﾀｶﾅ',
      sharp: 'Frau Weiß',
      odd: '50%_\\ off',
    };
    for (const [externalId, displayName] of Object.entries(names)) await own.user(`Ⅸ-${externalId}`, { displayName });
    const reader = await own.user('reader');
    const found = async (q: string) =>
      (await reader.get(`/v1/users?q=${encodeURIComponent(q)}`)).body.items.map(
        ({ externalId }: { externalId: string }) => externalId.replace('Ⅸ-', ''),
      );
    const searches: Readonly<Record<string, string>> = {
      angstrom: 'angstrom',
      'A\u030angstro\u0308m': 'angstrom',
      ÅNGSTRÖM: 'angstrom',
      'josé niño': 'decomposed',
      JOSE: 'decomposed',
      'wide name': 'wide',
      ＷＩＤＥ: 'wide',
      カタカナ: 'kana',
      WEISS: 'sharp',
      weiß: 'sharp',
      '%_\\': 'odd',
      '％＿': 'odd',
      'ix-kana': 'kana',
    };
    for (const [q, externalId] of Object.entries(searches)) expect([q, await found(q)]).toEqual([q, [externalId]]);
    for (const q of ['\u0301', '\u200b', 'angstrom\nⅨ', 'a_gstrom', 'a%m'])
      expect([q, await found(q)]).toEqual([q, []]);
  });

  test('the index serves names that were written by this version and by an older one', async () => {
    const own = await createTestTenant(house);
    const busy = await own.user('busy');
    const sql = database(house);
    await sql`
      insert into users (id, tenant_id, external_id, display_name, search_name, search_of)
      select gen_random_uuid(), ${own.tid}::uuid, 'user-' || n, name, lower(name) || E'\nuser-' || n, name
      from generate_series(1, 20000) n, lateral (select 'Ordinal number ' || n as name) named`;
    await sql`vacuum analyze users`;
    const scans = async (index: string) =>
      Number((await sql`select idx_scan from pg_stat_user_indexes where indexrelname = ${index}`)[0]?.['idx_scan']);
    const before = await Promise.all(['users_search', 'users_names'].map(scans));
    expect((await busy.get('/v1/users?q=ORDINAL NÚMBER 19999')).body.items).toHaveLength(1);
    for (const [at, index] of ['users_search', 'users_names'].entries()) {
      await expect.poll(() => scans(index), { timeout: 60_000 }).toBeGreaterThan(before[at]!);
    }
  });

  test('one user’s searches do not take the connections of everybody else', async () => {
    const own = await createTestTenant(house);
    const [busy, other] = [await own.user('busy'), await tenant.user('other')];
    const sql = database(house);
    await sql`
      insert into users (id, tenant_id, external_id, display_name)
      select gen_random_uuid(), ${own.tid}::uuid, 'user-' || n, 'Person number ' || n from generate_series(1, 50000) n`;
    const searches = Array.from({ length: 60 }, () => busy.get('/v1/users?q=zz'));
    expect((await other.get('/v1/users/me')).status).toBe(200);
    const answers = await Promise.all(searches);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, headers } of refused) {
      expect([status, Number(headers.get('retry-after')) > 0]).toEqual([429, true]);
    }
  });

  test('external ids are compared byte for byte, and percent-encoded in paths', async () => {
    const own = await createTestTenant(house);
    const ids = [
      'a/b',
      'a%2Fb',
      'é',
      'e\u0301',
      'Ã©',
      '张伟',
      '📱',
      ' ',
      '.',
      '..',
      'a?b#c',
      'me',
      'ext:x',
      "o'neill",
      '\u202ex',
    ];
    const users = new Map<string, string>();
    for (const id of ids) users.set(id, (await own.user(id)).uid);
    expect(new Set(users.values()).size).toBe(ids.length);
    for (const [id, uid] of users) {
      const { body } = await own.backEnd.get(`/v1/users/ext:${encodeURIComponent(id)}`);
      expect([id, body.userId, body.externalId]).toEqual([id, uid, id]);
    }
  });

  test('an external id that is no name is not shown as one', async () => {
    const own = await createTestTenant(house);
    for (const id of ['\u202egnp.exe', '\u200b', 'a\nb']) {
      const { uid, ...user } = await own.user(id);
      expect((await user.get('/v1/users/me')).body).toMatchObject({ externalId: id, displayName: uid });
    }
  });

  test('another tenant’s are not found', async () => {
    const alice = await tenant.user('alice');
    const stranger = await (await createTestTenant(house)).user('stranger');
    for (const ref of [stranger.uid, 'ext:stranger', randomUUID()]) {
      expect((await alice.get(`/v1/users/${ref}`)).status).toBe(404);
    }
    expect((await alice.get('/v1/users/nobody')).status).toBe(400);
  });

  test.each(['limit=0', 'limit=201', 'limit=', 'limit=1e1', 'limit=1&limit=2', 'cursor=abc', 'cursor='])(
    '?%s is refused',
    async (query) => {
      const { status, body } = await tenant.backEnd.get(`/v1/users?${query}`);
      expect([status, body.errors[0].path]).toEqual([400, query.split('=', 1)[0]]);
    },
  );

  test('a deactivated user’s tokens and name are refused', async () => {
    const gone = await tenant.user('gone');
    const sql = database(house);
    await sql`update users set status = 'deactivated' where id = ${gone.uid}`;
    expect((await gone.get('/v1/users/me')).status).toBe(403);
    expect((await tenant.backEnd.post('/v1/tokens', { user: 'ext:gone' })).status).toBe(403);
    expect((await tenant.backEnd.with({ 'x-on-behalf-of': 'ext:gone' }).get('/v1/users/me')).status).toBe(403);
  });
});

describe('acting for a user', () => {
  test('the back end acts as the user it names', async () => {
    const { uid } = await tenant.user('alice');
    for (const name of [uid, 'ext:alice']) {
      const { body } = await tenant.backEnd.with({ 'x-on-behalf-of': name }).get('/v1/users/me');
      expect(body.userId).toBe(uid);
    }
  });

  test('naming nobody, rubbish, or somebody else’s user', async () => {
    const stranger = await (await createTestTenant(house)).user('stranger');
    const answer = async (headers: Record<string, string>) => {
      const { status, body } = await tenant.backEnd.with(headers).get('/v1/users/me');
      return [status, body.code, body.errors?.[0].path];
    };
    expect(await answer({})).toEqual([400, 'bad_request', 'x-on-behalf-of']);
    expect(await answer({ 'x-on-behalf-of': 'alice' })).toEqual([400, 'bad_request', 'x-on-behalf-of']);
    expect(await answer({ 'x-on-behalf-of': stranger.uid })).toEqual([404, 'not_found', undefined]);
    expect(await answer({ 'x-on-behalf-of': 'ext:nobody' })).toEqual([404, 'not_found', undefined]);
  });
});

describe('[ACC-5] devices', () => {
  test('[REVK-3] are registered by their token, listed, and revoked: old tokens end, newer ones work', async () => {
    const phone = await tenant.user('dora', { clientId: 'phone' });
    const laptop = await tenant.user('dora', { clientId: 'laptop' });
    const listed = await laptop.get('/v1/devices');
    expect(listed.body.items.map((device: { clientId: string }) => device.clientId).toSorted()).toEqual([
      'laptop',
      'phone',
    ]);

    expect((await laptop.delete('/v1/devices/phone')).status).toBe(204);
    expect((await phone.get('/v1/users/me')).status).toBe(401);
    expect((await laptop.get('/v1/users/me')).status).toBe(200);
    const again = await tenant.user('dora', { clientId: 'phone' });
    expect((await again.get('/v1/users/me')).status).toBe(200);
  });

  test('[REVK-3] are revoked also when only a token signed elsewhere named them, and for their user alone', async () => {
    const own = 'the tenant’s own secret, long enough';
    await house.operator.patch(`/admin/v1/tenants/${tenant.tid}`, { jwtSecret: own });
    onTestFinished(async () => {
      await house.operator.patch(`/admin/v1/tenants/${tenant.tid}`, { jwtSecret: null });
    });
    const [emil, fay] = [await tenant.user('emil'), await tenant.user('fay')];
    const provider = identityProvider;
    const iat = Math.floor(Date.now() / 1000) - 1;
    const tablet = (uid: string) => claims(uid, { dev: 'tablet', iat });
    const [bySecret, byKeySet] = [hs256(tablet(emil.uid), own), provider.token('ES256', tablet(emil.uid))];
    const tokens = [bySecret, byKeySet, hs256(tablet(fay.uid), own), hs256(claims(emil.uid, { iat }), own)];
    const statuses = () => Promise.all(tokens.map(async (token) => (await asBearer(token).get('/v1/users/me')).status));
    expect(await statuses()).toEqual([200, 200, 200, 200]);

    expect((await asBearer(bySecret).delete('/v1/devices/tablet')).status).toBe(204);
    expect(await statuses()).toEqual([401, 401, 200, 200]);
    const newer = await tenant.user('emil', { clientId: 'tablet' });
    expect((await newer.get('/v1/devices')).body.items).toMatchObject([{ clientId: 'tablet' }]);
  });
});
