import { VirtualClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type RpcError } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { createAuthenticate } from './authenticate.ts';
import { Flooders } from './flooders.ts';
import { Openings } from './openings.ts';

const identity = {
  tid: 'tenant',
  uid: 'ann',
  expiresAt: 1,
  framesPerConnection: { perSecond: 1, burst: 1 },
  sendsPerUser: { perSecond: 1, burst: 1 },
};

const settled = () => new Promise((resolve) => setImmediate(resolve));

function open({ waitMs = 0 } = {}) {
  const clock = new VirtualClock();
  const turn = () => new Promise<void>((resolve) => void clock.setTimeout(resolve, waitMs));
  const log: string[] = [];
  const state = { heardSince: Number.POSITIVE_INFINITY, refusal: undefined as RpcError | undefined, bus: true };
  const flooders = new Flooders(clock);
  const openings = new Openings(clock, { perSecond: 10, burst: 3 });
  const held: string[] = [];
  const authenticate = createAuthenticate({
    clock,
    flooders,
    openings,
    ...(waitMs > 0 && { arrivals: { turn } }),
    upstream: {
      open: async ({ jwt }) => {
        log.push(`open ${jwt}`);
        clock.advance(5);
        return state.refusal ?? identity;
      },
    },
    accounts: {
      completeSince: (_tid, _uid, time) => state.heardSince <= time,
      acquire: async (tid, uid) => {
        log.push(`listen ${tid} ${uid}`);
        if (!state.bus) throw new ChatError('unavailable', 'no bus');
        held.push(uid);
        state.heardSince = clock.monotonic();
      },
      release: (_tid, uid) => void held.splice(held.indexOf(uid), 1),
    },
  });
  return { authenticate, log, state, flooders, clock, held };
}

test('a good answer counts only when user and tenant were listened to before the question', async () => {
  const { authenticate, log, held } = open();
  expect(await authenticate('jwt')).toBe(identity);
  expect([log, held]).toEqual([['open jwt', 'listen tenant ann', 'open jwt'], []]);
  log.length = 0;
  expect(await authenticate('jwt')).toBe(identity);
  expect(log).toEqual(['open jwt']);
});

test('one question is enough where the token shows whom it is of, also when that is not true', async () => {
  const { authenticate, log, held, state } = open();
  const claims = { tid: '018f2a60-7c1e-7cc0-8000-00000000000a', sub: '018F2A60-7c1e-7cc0-8000-000000000001' };
  const jwt = `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;
  expect(await authenticate(jwt)).toBe(identity);
  expect(log).toEqual([`listen ${claims.tid} ${claims.sub.toLowerCase()}`, `open ${jwt}`]);
  state.heardSince = Number.POSITIVE_INFINITY;
  state.refusal = { error: 'unauthorized', msg: 'bad' };
  expect(await authenticate(jwt)).toBe(state.refusal);
  expect(held).toEqual([]);
});

test('a bad one counts at once, and nobody is listened to because of it', async () => {
  const { authenticate, log, state } = open();
  state.refusal = { error: 'unauthorized', msg: 'expired' };
  expect(await authenticate('jwt')).toEqual(state.refusal);
  expect(log).toEqual(['open jwt']);
});

test('[AUTH-10] without the bus nothing can be verified', async () => {
  const { authenticate, state } = open();
  state.bus = false;
  expect(await authenticate('jwt')).toMatchObject({ error: 'unavailable' });
});

test('[LIM-6] whoever was closed for flooding stays out for a moment, others do not', async () => {
  const { authenticate, flooders, clock } = open();
  flooders.add('bob');
  expect(await authenticate('jwt')).toBe(identity);
  flooders.add('ann');
  const refused = await authenticate('jwt');
  expect(refused).toMatchObject({ error: 'rate_limited' });
  clock.advance((refused as RpcError).retryAfterMs!);
  expect(await authenticate('jwt')).toBe(identity);
});

test('[LIM-19] tokens of one user are taken so often; the same one is refused before anybody is asked', async () => {
  const { authenticate, clock, log } = open();
  const tokens = ['one', 'two', 'three', 'four'];
  const answers = [];
  for (const token of tokens) answers.push(await authenticate(token));
  expect(answers.map((answer) => 'error' in answer)).toEqual([false, false, false, true]);
  expect(answers[3]).toMatchObject({ error: 'rate_limited' });
  clock.advance((answers[3] as RpcError).retryAfterMs!);
  log.length = 0;
  expect(await authenticate('four')).toBe(identity);
  expect(log).toContain('open four');

  const repeated = open();
  for (const _ of tokens) await repeated.authenticate('same');
  repeated.log.length = 0;
  const refused = await repeated.authenticate('same');
  expect([refused, repeated.log]).toEqual([expect.objectContaining({ error: 'rate_limited' }), []]);
});

test('[LIM-19] tokens that are refused use up nobody’s rate', async () => {
  const { authenticate, state } = open();
  state.refusal = { error: 'unauthorized', msg: 'forged' };
  for (let n = 0; n < 10; n += 1) expect(await authenticate('forged')).toBe(state.refusal);
  state.refusal = undefined;
  expect(await authenticate('good')).toBe(identity);
});

test('who comes with others waits for them before anybody is listened to', async () => {
  const { log, clock, authenticate } = open({ waitMs: 10 });
  const both = Promise.all([authenticate('jwt 1'), authenticate('jwt 2')]);
  await settled();
  expect(log).toEqual([]);
  clock.advance(10);
  await both;
  expect(log.slice(0, 2)).toEqual(['open jwt 1', 'open jwt 2']);
});
