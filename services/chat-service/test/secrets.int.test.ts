/** Tenants' secrets at rest, and the job that brings older rows up to date. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { checkSecrets } from '../src/core/identity/check-secrets.ts';
import { sealSecrets } from '../src/core/identity/seal-secrets.ts';
import { createSecrets, type KeyRing } from '../src/core/identity/secrets.ts';
import { openStore } from '../src/platform/database/connect.ts';
import { sealedSecrets } from '../src/roles/features.ts';
import { hs256 } from './identity-provider.ts';
import { createTestTenant } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

const SEALED = await sealedSecrets();

const UPKEEP = fileURLToPath(new URL('../src/upkeep.ts', import.meta.url));
const SECRET = 'the tenant’s own secret, long enough';

let house: TestService;
beforeAll(async () => {
  house = await startTestService();
});
afterAll(() => house.stop());

const newKey = () => randomBytes(32);
const textOf = (ring: KeyRing) => [...ring].map(([id, key]) => `${id}:${key.toString('base64')}`).join(',');

function runUpkeep(ring: KeyRing) {
  const env = { DATABASE_URL: house.config.databaseUrl, SECRETS_KEYS: textOf(ring) };
  return spawnSync(process.execPath, [UPKEEP], { env, encoding: 'utf8', timeout: 60_000 });
}

/** A tenant with a user, and whether a token of the tenant's own is taken. */
async function signingTenant() {
  const tenant = await createTestTenant(house);
  const { uid } = await tenant.user('alice');
  const token = hs256({ sub: uid, tid: tenant.tid, exp: Math.ceil(Date.now() / 1000) + 600 }, SECRET);
  const works = async () =>
    (await house.rest.with({ authorization: `Bearer ${token}` }).get('/v1/users/me')).status === 200;
  return {
    ...tenant,
    works,
    set: (jwtSecret: string | null) => house.operator.patch(`/admin/v1/tenants/${tenant.tid}`, { jwtSecret }),
  };
}

describe('secrets at rest', () => {
  test('stand nowhere in clear, and are of one tenant', async () => {
    const [tenant, other] = [await signingTenant(), await signingTenant()];
    await tenant.set(SECRET);
    const created = await house.operator.post('/admin/v1/tenants', {
      name: 'x',
      subdomain: `x-${tenant.tid.slice(0, 8)}`,
      jwtSecret: SECRET,
    });
    expect(created.text).not.toContain(SECRET);
    expect(await tenant.works()).toBe(true);
    const sql = database(house);
    const rows = await sql`select * from tenants`;
    expect(JSON.stringify(rows)).not.toContain(SECRET);
    // Copied to another tenant by whoever may write to the database, it signs nothing there.
    await sql`
      update tenants set jwt_secret_sealed = (select jwt_secret_sealed from tenants where id = ${tenant.tid})
      where id = ${other.tid}`;
    expect(await other.works()).toBe(false);
    await other.set(null);
    await tenant.set(null);
    await house.operator.patch(`/admin/v1/tenants/${created.body.tenantId}`, { jwtSecret: null });
    expect(await tenant.works()).toBe(false);
  });

  test('in clear from an older version are read, and encrypted by the job', async () => {
    const tenant = await signingTenant();
    const sql = database(house);
    await sql`update tenants set jwt_secret = ${SECRET} where id = ${tenant.tid}`;
    expect(await tenant.works()).toBe(true);
    const { status, stderr } = runUpkeep(house.config.secretsKeys);
    expect([status, stderr]).toEqual([0, expect.stringContaining('"secrets":1')]);
    expect(stderr).not.toContain(SECRET);
    expect(await tenant.works()).toBe(true);
    const [row] = await sql`select jwt_secret, jwt_secret_sealed from tenants where id = ${tenant.tid}`;
    expect(row).toMatchObject({ jwt_secret: null, jwt_secret_sealed: expect.stringMatching(/^test\./) });
    expect(runUpkeep(house.config.secretsKeys).stderr).toContain('"secrets":0');
    await tenant.set(null);
  });

  test('are encrypted anew with the first key of the ring; a key that is missing is named at start', async () => {
    const tenant = await signingTenant();
    await tenant.set(SECRET);
    const [old] = [...house.config.secretsKeys.keys()];
    const both: KeyRing = new Map([['next', newKey()], ...house.config.secretsKeys]);
    const alone: KeyRing = new Map([['next', both.get('next')!]]);
    const store = openStore({ url: house.config.databaseUrl });
    onTestFinished(() => store.close());
    const warned: unknown[] = [];
    const log = { warn: (...said: unknown[]) => void warned.push(said) };
    const check = (ring: KeyRing) => checkSecrets(store.sql, createSecrets(ring), SEALED, log);

    await expect(check(alone)).rejects.toThrow(`SECRETS_KEYS does not have: ${String(old)} (tokens of tenants)`);
    await expect(sealSecrets(store.sql, createSecrets(alone), SEALED)).rejects.toThrow(String(old));
    await check(both);
    expect(warned).toHaveLength(1);
    expect(await sealSecrets(store.sql, createSecrets(both), SEALED)).toBe(1);
    await check(alone);
    expect(warned).toHaveLength(1);
    // This service does not have the new key: nobody is let in, and that is said to be its own fault.
    expect(await tenant.works()).toBe(false);
    await tenant.set(null);
  });

  test('of second factors are encrypted anew by the job, and are of one user', async () => {
    const { tid, user } = await createTestTenant(house);
    const [{ uid }, { uid: other }] = [await user('ann'), await user('bob')];
    const place = { tid, column: 'accounts.totp', row: uid } as const;
    const old = createSecrets(house.config.secretsKeys);
    const both: KeyRing = new Map([['next', newKey()], ...house.config.secretsKeys]);
    const sql = database(house);
    await sql`
      insert into accounts (tenant_id, user_id, email, password_hash, locale, totp_sealed)
      values (${tid}, ${uid}, 'ann@example.com', '', 'en', ${old.seal('SECRET', place)})`;
    expect(runUpkeep(both).stderr).toContain('"secrets":1');
    const [row] = await sql<{ sealed: string }[]>`select totp_sealed as sealed from accounts where user_id = ${uid}`;
    const next = createSecrets(new Map([['next', both.get('next')!]]));
    expect(next.open(row?.sealed ?? '', place)).toBe('SECRET');
    expect(() => next.open(row?.sealed ?? '', { ...place, row: other })).toThrow('authenticate');
    expect(runUpkeep(both).stderr).toContain('"secrets":0');
    await sql`delete from accounts where user_id = ${uid}`;
  });

  test.each<[string, 'accounts.totp' | 'identity_providers.secret', string]>([
    ['second factors', 'accounts.totp', 'accounts'],
    ['identity providers', 'identity_providers.secret', 'identity_providers'],
  ])('of %s too: a key that is missing is named at start, an older one warned of', async (name, column, table) => {
    const { tid, user } = await createTestTenant(house);
    const row = column === 'accounts.totp' ? (await user('ann')).uid : 'company';
    const place = { tid, column, row };
    const old = createSecrets(house.config.secretsKeys);
    const sql = database(house);
    const sealed = old.seal('SECRET', place);
    if (column === 'accounts.totp') {
      await sql`
        insert into accounts (tenant_id, user_id, email, password_hash, locale, totp_sealed)
        values (${tid}, ${row}, 'ann@example.com', '', 'en', ${sealed})`;
    } else {
      await sql`
        insert into identity_providers (tenant_id, id, settings, enabled, secret_sealed)
        values (${tid}, ${row}, '{}', true, ${sealed})`;
    }
    onTestFinished(async () => void (await sql`delete from ${sql(table)} where tenant_id = ${tid}`));
    const both: KeyRing = new Map([['next', newKey()], ...house.config.secretsKeys]);
    const alone: KeyRing = new Map([['next', both.get('next')!]]);
    const warned: unknown[] = [];
    const log = { warn: (said: unknown) => void warned.push(said) };
    const store = openStore({ url: house.config.databaseUrl });
    onTestFinished(() => store.close());
    const check = (ring: KeyRing) => checkSecrets(store.sql, createSecrets(ring), SEALED, log);

    await expect(check(alone)).rejects.toThrow(`SECRETS_KEYS does not have: test (${name})`);
    await check(both);
    expect(warned).toEqual([{ secrets: { [name]: 1 } }]);
    expect(runUpkeep(both).stderr).toContain('"secrets":1');
    await check(alone);
    expect(warned).toHaveLength(1);
    const sealedNow = column === 'accounts.totp' ? 'totp_sealed' : 'secret_sealed';
    const [kept] = await sql`select ${sql(sealedNow)} as sealed from ${sql(table)} where tenant_id = ${tid}`;
    expect(createSecrets(alone).open(kept?.['sealed'], place)).toBe('SECRET');
  });

  test('the job says what is wrong with its settings', () => {
    const { status, stderr } = spawnSync(process.execPath, [UPKEEP], { env: {}, encoding: 'utf8', timeout: 60_000 });
    expect(status).toBe(1);
    expect(stderr).toContain('SECRETS_KEYS: not set');
  });
});

test('[ACC-4] the job lets users be found without accents whom an older version wrote or renamed', async () => {
  const tenant = await createTestTenant(house);
  const anna = await tenant.user('anna', { displayName: 'Somebody Else' });
  const sql = database(house);
  await sql`update users set display_name = 'Ånna Ｗｉｄｅ' where id = ${anna.uid}`;
  const found = async (q: string) =>
    (await anna.get(`/v1/users?q=${encodeURIComponent(q)}`)).body.items.map(({ userId }: { userId: string }) => userId);
  expect(await found('Ånna')).toEqual([anna.uid]);
  expect([await found('somebody'), await found('anna wide')]).toEqual([[], []]);
  expect(runUpkeep(house.config.secretsKeys).stderr).toContain('"names":1');
  expect([await found('anna wide'), await found('ÅNNA')]).toEqual([[anna.uid], [anna.uid]]);
  expect(runUpkeep(house.config.secretsKeys).stderr).toContain('"names":0');
});
