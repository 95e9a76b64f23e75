import { createUlid } from '@messagecore/kernel';
import { RATE_PROFILES, type RateLimits } from '@messagecore/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Answer } from './client.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { startTestRedis, startTestService, type TestService } from './service.ts';

/** So slow that nothing comes back while a test runs, however slow the machine is. */
const perSecond = 0.0005;
/** On a busy machine Redis too may take its time; a process that counts for itself would begin with full buckets. */
const redisTimeoutMs = 60_000;
const mid = createUlid();

let house: TestService;
let tenant: TestTenant;

beforeAll(async () => {
  house = await startTestService({
    redisTimeoutMs,
    limits: {
      ...RATE_PROFILES.load,
      sendsPerUser: { perSecond, burst: 5 },
      sendsPerRoom: { perSecond, burst: 8 },
    },
  });
  tenant = await createTestTenant(house);
});
afterAll(() => house.stop());

async function createRoom(user: TestUser, ...others: string[]): Promise<string> {
  const { body } = await user.post('/v1/conversations', { kind: 'public', participants: others });
  return body.cid;
}
const send = (user: TestUser, cid: string, id = mid()) =>
  user.post(`/v1/conversations/${cid}/messages`, { mid: id, kind: 'text', body: { text: 'x' } });
const codes = (answers: readonly Answer[]) => answers.map(({ status }) => status).toSorted();

/** One after the other, so that a refusal is the last one's. */
async function sendMany(user: TestUser, cid: string, count: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let n = 0; n < count; n += 1) answers.push(await send(user, cid));
  return answers;
}

describe('sends', () => {
  test('[LIM-2] [LIM-5] per user over all rooms, with the time to wait; refusals take no seq', async () => {
    const alice = await tenant.user('alice');
    const [one, other] = [await createRoom(alice), await createRoom(alice)];
    expect(codes([...(await sendMany(alice, one, 3)), ...(await sendMany(alice, other, 2))])).toEqual([
      201, 201, 201, 201, 201,
    ]);
    const refused = await send(alice, one);
    expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
    expect(refused.body.retryAfterMs).toBeGreaterThan(1_000_000);
    expect(Number(refused.headers.get('retry-after'))).toBe(Math.ceil(refused.body.retryAfterMs / 1000));
    expect((await alice.get(`/v1/conversations/${one}`)).body.head).toBe(3);
  });

  test('[LIM-2] what users change of themselves counts, and never keeps them from revoking all', async () => {
    const phil = await tenant.user('phil', { clientId: 'phone' });
    const revoke = () => phil.delete('/v1/devices/made-up');
    const rename = () => phil.patch('/v1/users/me', { displayName: 'Phil' });
    // Revoking a device costs as much as five sends, which is all that the user has.
    expect(codes([await revoke(), await revoke(), await rename()])).toEqual([204, 429, 429]);
    const renamer = await tenant.user('renamer');
    const renamed: Answer[] = [];
    for (let n = 0; n < 6; n += 1) renamed.push(await renamer.patch('/v1/users/me', { displayName: `Name ${n}` }));
    expect(codes(renamed)).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await tenant.backEnd.patch('/v1/users/ext:phil', { displayName: 'Philip' })).status).toBe(200);
    expect((await phil.delete('/v1/devices')).status).toBe(204);
    expect((await phil.get('/v1/users/me')).status).toBe(401);
  });

  test('[LIM-3] per room over all users', async () => {
    const [bob, carol] = [await tenant.user('bob'), await tenant.user('carol')];
    const cid = await createRoom(bob, 'ext:carol');
    expect(codes(await sendMany(bob, cid, 5))).toEqual([201, 201, 201, 201, 201]);
    expect(codes(await sendMany(carol, cid, 4))).toEqual([201, 201, 201, 429]);
    // The room's refusal cost carol nothing.
    const elsewhere = await createRoom(carol);
    expect(codes(await sendMany(carol, elsewhere, 3))).toEqual([201, 201, 429]);
  });

  test('[LIM-3] who may not send to a room spends the own tokens, none of the room', async () => {
    const [kim, lee] = [await tenant.user('kim'), await tenant.user('lee')];
    const [stranger, muted] = [await tenant.user('outsider'), await tenant.user('muted')];
    const cid = await createRoom(kim, 'ext:lee', 'ext:muted');
    await tenant.backEnd.patch(`/v1/conversations/${cid}/participants/ext:muted`, { mutedUntil: 8.64e15 });
    expect(codes(await sendMany(stranger, cid, 5))).toEqual([403, 403, 403, 403, 403]);
    expect(codes(await sendMany(muted, cid, 5))).toEqual([403, 403, 403, 403, 403]);
    expect(codes(await sendMany(kim, cid, 5))).toEqual([201, 201, 201, 201, 201]);
    expect(codes(await sendMany(lee, cid, 4))).toEqual([201, 201, 201, 429]);
    // Their own are gone.
    const elsewhere = await createRoom(stranger);
    expect(codes(await sendMany(stranger, elsewhere, 1))).toEqual([429]);
  });

  test('[IDM-4] a repeat is answered over the limit', async () => {
    const dora = await tenant.user('dora');
    const cid = await createRoom(dora);
    const id = mid();
    const first = await send(dora, cid, id);
    await sendMany(dora, cid, 5);
    expect((await send(dora, cid)).status).toBe(429);
    const repeat = await send(dora, cid, id);
    expect([repeat.status, repeat.body]).toEqual([200, first.body]);
  });
});

/** What may be said to a room by way of changing it, as an answer each. */
const retitle = async (user: TestUser, cid: string, count: number) => {
  const answers: Answer[] = [];
  for (let n = 0; n < count; n += 1) answers.push(await user.patch(`/v1/conversations/${cid}`, { topic: `t${n}` }));
  return answers;
};

describe('changes that a sys message tells of', () => {
  test('[LIM-2] take a token of the user who makes them, none of the back end', async () => {
    const eve = await tenant.user('eve');
    const cid = await createRoom(eve);
    expect(codes(await retitle(eve, cid, 6))).toEqual([200, 200, 200, 200, 200, 429]);
    const [refused] = await retitle(eve, cid, 1);
    expect([refused?.body.code, refused?.body.retryAfterMs > 1_000_000]).toEqual(['rate_limited', true]);
    expect((await eve.get(`/v1/conversations/${cid}`)).body).toMatchObject({ head: 5, topic: 't4' });
    expect((await tenant.backEnd.patch(`/v1/conversations/${cid}`, { topic: 'house' })).status).toBe(200);
  });

  test('[LIM-2] so do joining and leaving, again and again', async () => {
    const fay = await tenant.user('fay');
    const cid = await createRoom(await tenant.user('gil'));
    const answers: Answer[] = [];
    for (const step of ['join', 'leave', 'join', 'leave', 'join', 'leave']) {
      answers.push(await fay.post(`/v1/conversations/${cid}/${step}`));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 204, 200, 204, 200, 429]);
  });

  test('[LIM-3] take one of the room, and what is refused gives it back; a room at its limit can be moderated', async () => {
    const [hal, ida, jan] = [await tenant.user('hal'), await tenant.user('ida'), await tenant.user('jan')];
    const { body } = await hal.post('/v1/conversations', { kind: 'group', participants: ['ext:ida', 'ext:jan'] });
    const stranger = await tenant.user('stranger');
    expect(codes(await retitle(stranger, body.cid, 6))).toEqual([403, 403, 403, 403, 403, 429]);
    expect(codes(await retitle(ida, body.cid, 5))).toEqual([200, 200, 200, 200, 200]);
    expect(codes(await sendMany(jan, body.cid, 4))).toEqual([201, 201, 201, 429]);
    expect(codes(await retitle(hal, body.cid, 1))).toEqual([429]);
    const muted = await hal.patch(`/v1/conversations/${body.cid}/participants/ext:jan`, { mutedUntil: 8.64e15 });
    expect(muted.status).toBe(200);
  });
});

describe('requests of an address', () => {
  /** With these rates, and a Redis where no other test has spent their tokens. */
  async function startStrict(rates: Partial<RateLimits>): Promise<TestService> {
    const redis = await startTestRedis();
    const limits = { ...RATE_PROFILES.load, ...rates };
    const strict = await startTestService({ limits, redisTimeoutMs, redisUrl: redis.url });
    onTestFinished(() => strict.stop());
    return strict;
  }
  const rateOf = ({ headers }: Answer) =>
    ['limit', 'remaining', 'reset'].map((name) => Number(headers.get(`ratelimit-${name}`) ?? Number.NaN));

  test('[LIM-4] are limited, probes excepted', async () => {
    const strict = await startStrict({ httpPerIp: { perSecond, burst: 4 } });
    const answers = await Promise.all(Array.from({ length: 7 }, () => strict.rest.get('/openapi.json')));
    expect(codes(answers)).toEqual([200, 200, 200, 200, 429, 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body.code).toBe('rate_limited');
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(1);
    for (const probe of ['/health', '/health/simple', '/ready', '/metrics']) {
      const answer = await strict.rest.get(probe);
      expect([answer.status, answer.headers.has('ratelimit-limit')]).toEqual([200, false]);
    }
  });

  test('[LIM-16] and told how many more pass, whatever becomes of them', async () => {
    const strict = await startStrict({ httpPerIp: { perSecond, burst: 3 } });
    const first = await strict.rest.get('/openapi.json');
    expect(rateOf(first)).toEqual([3, 2, 1 / perSecond]);
    expect(first.headers.get('access-control-expose-headers')).toContain('ratelimit-remaining');
    const [unknown, unauthorized] = [await strict.rest.get('/nowhere'), await strict.rest.get('/v1/users/me')];
    expect([unknown.status, ...rateOf(unknown)]).toEqual([404, 3, 1, 2 / perSecond]);
    expect([unauthorized.status, ...rateOf(unauthorized)]).toEqual([401, 3, 0, 3 / perSecond]);
    // Before anybody is asked who they are.
    const refused = await strict.rest.get('/v1/users/me');
    const afterS = Number(refused.headers.get('retry-after'));
    expect([refused.status, ...rateOf(refused)]).toEqual([429, 3, 0, afterS]);
    expect(afterS).toBe(Math.ceil(refused.body.retryAfterMs / 1_000));
    expect(afterS).toBeGreaterThan(1_000);
  });

  test('[LIM-15] making tokens and searching for users have rates of their own', async () => {
    const strict = await startStrict({
      tokensPerIp: { perSecond, burst: 2 },
      searchesPerIp: { perSecond, burst: 3 },
    });
    const { backEnd, ...people } = await createTestTenant(strict);
    const ann = await people.user('ann');
    const mint = () => backEnd.post('/v1/tokens', { user: 'ext:bob' });
    const minted = [await mint(), await mint()];
    expect(minted.map((answer) => [answer.status, ...rateOf(answer).slice(0, 2)])).toEqual([
      [201, 2, 0],
      [429, 2, 0],
    ]);
    const search = (path: string) => ann.get(`/v1/users${path}`);
    expect(codes([await search(''), await search('?q=a'), await search('?q=b'), await search('?q=c')])).toEqual([
      200, 200, 200, 429,
    ]);
    const me = await ann.get('/v1/users/me');
    expect([me.status, rateOf(me)[0]]).toEqual([200, RATE_PROFILES.load.httpPerIp.burst]);
    const { paths } = (await strict.rest.get('/openapi.json')).body;
    const { httpPerIp } = RATE_PROFILES.load;
    expect(paths['/v1/tokens'].post['x-rate-limit']).toEqual({ httpPerIp, tokensPerIp: { perSecond, burst: 2 } });
    expect(paths['/v1/users'].get['x-rate-limit']).toEqual({ httpPerIp, searchesPerIp: { perSecond, burst: 3 } });
    expect(paths['/v1/users/me'].get['x-rate-limit']).toEqual({ httpPerIp });
  });
});
