/** Devices and their revocation, whatever the clocks say. */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@messagecore/protocol';
import { subjects } from '@messagecore/protocol/bus';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hs256 } from './identity-provider.ts';
import { listen } from './listen.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
});
afterAll(() => house.stop());

const statusOf = async (token: string) =>
  (await house.rest.with({ authorization: `Bearer ${token}` }).get('/v1/users/me')).status;

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, number>;

/** The same token, as a chat-service would have minted it whose clock is off. */
const mintedOff = (token: string, ms: number) => {
  const { iat = 0, iatMs = 0, ...claims } = claimsOf(token);
  return hs256({ ...claims, iat: iat + ms / 1000, iatMs: iatMs + ms }, house.config.jwtSecret);
};

const idsOf = (items: readonly { clientId: string }[]) => items.map(({ clientId }) => clientId);

describe('[REVK-5] revocation asks no clock', () => {
  test.each([20_000, -20_000, 3_600_000])('a chat-service whose clock is %i ms off', async (off) => {
    const mint = async () => mintedOff((await tenant.user(`off ${off}`, { clientId: 'phone' })).token, off);
    const [older, laptop] = [await mint(), await tenant.user(`off ${off}`, { clientId: 'laptop' })];
    expect(await statusOf(older)).toBe(200);
    expect((await laptop.delete('/v1/devices/phone')).status).toBe(204);
    expect(await statusOf(older)).toBe(401);
    const newer = await mint();
    expect([await statusOf(newer), await statusOf(older), await statusOf(laptop.token)]).toEqual([200, 401, 200]);
  });

  test('a tenant that signs itself, with a clock that is ahead', async () => {
    const own = 'the tenant’s own secret, long enough';
    await house.operator.patch(`/admin/v1/tenants/${tenant.tid}`, { jwtSecret: own });
    const { uid, ...user } = await tenant.user('ahead');
    const now = Math.floor(Date.now() / 1_000);
    const token = (iat: number) => hs256({ sub: uid, tid: tenant.tid, exp: now + 600, dev: 'phone', iat }, own);
    const [slow, right, fast] = [token(now - 20), token(now), token(now + 20)];
    for (const jwt of [slow, right, fast]) expect(await statusOf(jwt)).toBe(200);
    expect((await user.delete('/v1/devices/phone')).status).toBe(204);
    for (const jwt of [slow, right, fast]) expect(await statusOf(jwt)).toBe(401);
  });

  test('tokens of the version before numbers go on working, until they are revoked', async () => {
    const phone = await tenant.user('old', { clientId: 'phone' });
    const laptop = await tenant.user('old', { clientId: 'laptop' });
    const withoutNumber = ({ token }: TestUser) => {
      const { gen: _, ...claims } = claimsOf(token);
      return hs256(claims, house.config.jwtSecret);
    };
    const [onPhone, onLaptop] = [withoutNumber(phone), withoutNumber(laptop)];
    expect([await statusOf(onPhone), await statusOf(onLaptop)]).toEqual([200, 200]);
    await phone.delete('/v1/devices/phone');
    expect([await statusOf(onPhone), await statusOf(onLaptop)]).toEqual([401, 200]);
  });
});

describe('[REVK-6] the list of devices', () => {
  test('shows all by pages, and hides none behind made-up ones', async () => {
    const own = await tenant.user('listed', { clientId: 'own' });
    const thief = await tenant.user('listed', { clientId: 'thief' });
    for (let n = 0; n < LIMITS.devicesPerUser + 20; n += 20) {
      await Promise.all(
        Array.from({ length: 20 }, (_, at) => tenant.user('listed', { clientId: `made up ${String(n + at)}` })),
      );
      // In use all the time.
      await tenant.user('listed', { clientId: 'own' });
    }
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await own.get(`/v1/devices?limit=30${cursor}`);
      seen.push(...idsOf(body.items));
      if (body.next === null) break;
      cursor = `&cursor=${String(body.next)}`;
    }
    expect([seen.length, new Set(seen).size]).toEqual([LIMITS.devicesPerUser, LIMITS.devicesPerUser]);
    expect(idsOf((await own.get('/v1/devices')).body.items)).toEqual(seen);
    expect(seen).toContain('own');
    // Whoever is not in the list has no token that works.
    expect([seen.includes('thief'), await statusOf(thief.token), await statusOf(own.token)]).toEqual([false, 401, 200]);
  });

  test('a device that was put out gets no old token back when it returns', async () => {
    const phone = await tenant.user('returns', { clientId: 'phone' });
    const sql = database(house);
    const heard = await listen(house, subjects.user(tenant.tid, phone.uid));
    await sql`
      insert into devices (tenant_id, user_id, client_id, last_seen_at)
      select ${tenant.tid}, ${phone.uid}, 'other ' || n, now() + interval '1 minute'
      from generate_series(1, ${LIMITS.devicesPerUser - 1}) n`;
    expect(await statusOf(phone.token)).toBe(200);
    await tenant.user('returns', { clientId: 'one more' });
    expect(await statusOf(phone.token)).toBe(401);
    await expect.poll(() => heard).toEqual([{ v: 1, event: 'revoked', clientId: 'phone' }]);
    const again = await tenant.user('returns', { clientId: 'phone' });
    expect([await statusOf(again.token), await statusOf(phone.token)]).toEqual([200, 401]);
  });

  test('revocations that are put out stay in force for tokens of others', async () => {
    const own = 'the tenant’s own secret, long enough';
    await house.operator.patch(`/admin/v1/tenants/${tenant.tid}`, { jwtSecret: own });
    const user = await tenant.user('forgotten');
    const now = Math.floor(Date.now() / 1_000);
    const token = hs256({ sub: user.uid, tid: tenant.tid, exp: now + 600, dev: 'stolen', iat: now - 1 }, own);
    await user.delete('/v1/devices/stolen');
    const sql = database(house);
    await sql`update devices set last_seen_at = now() - interval '1 day' where user_id = ${user.uid}`;
    await sql`
      insert into devices (tenant_id, user_id, client_id, last_seen_at)
      select ${tenant.tid}, ${user.uid}, 'other ' || n, now() + interval '1 minute'
      from generate_series(1, ${LIMITS.devicesPerUser}) n`;
    await user.delete('/v1/devices/made-up');
    expect(idsOf((await user.get('/v1/devices')).body.items)).not.toContain('stolen');
    expect(await statusOf(token)).toBe(401);
  });

  test('all at once: every token ends, with and without a device; newer ones work', async () => {
    const mine = await Promise.all(['phone', 'laptop', undefined].map((clientId) => tenant.user('all', { clientId })));
    const other = await tenant.user('another', { clientId: 'phone' });
    const heard = await listen(house, subjects.user(tenant.tid, mine[0]!.uid));
    expect((await mine[0]!.delete('/v1/devices')).status).toBe(204);
    expect(await Promise.all(mine.map(({ token }) => statusOf(token)))).toEqual([401, 401, 401]);
    expect(await statusOf(other.token)).toBe(200);
    await expect.poll(() => heard).toEqual([{ v: 1, event: 'revoked' }]);
    for (const clientId of ['phone', undefined]) {
      expect(await statusOf((await tenant.user('all', { clientId })).token)).toBe(200);
    }
  });

  test('devices are of their user alone', async () => {
    const stranger = await (await createTestTenant(house)).user('stranger', { clientId: 'phone' });
    const here = await tenant.user('stranger', { clientId: 'phone' });
    await here.delete('/v1/devices/phone');
    await here.delete(`/v1/devices/${randomUUID()}`);
    expect(await statusOf(stranger.token)).toBe(200);
  });

  test('a device id that shows nothing is not registered', async () => {
    for (const clientId of ['\u200b', ' ', 'a\nb', '\u202egnp.exe']) {
      const { status, body } = await tenant.backEnd.post('/v1/tokens', { user: 'ext:x', clientId });
      expect([clientId, status, body.errors?.[0].path]).toEqual([clientId, 400, 'clientId']);
    }
  });
});
