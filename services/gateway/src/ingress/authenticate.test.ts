import { VirtualClock } from '@messagecore/kernel';
import { ChatError, type RpcError } from '@messagecore/protocol';
import { expect, test } from 'vitest';
import { createAuthenticate } from './authenticate.ts';
import { Flooders } from './flooders.ts';

const identity = {
  tid: 'tenant',
  uid: 'ann',
  expiresAt: 1,
  framesPerConnection: { perSecond: 1, burst: 1 },
  sendsPerUser: { perSecond: 1, burst: 1 },
};

function open() {
  const clock = new VirtualClock();
  const log: string[] = [];
  const state = { heardSince: Number.POSITIVE_INFINITY, refusal: undefined as RpcError | undefined, bus: true };
  const flooders = new Flooders(clock);
  const authenticate = createAuthenticate({
    clock,
    flooders,
    upstream: {
      open: async ({ jwt }) => {
        log.push(`open ${jwt}`);
        clock.advance(5);
        return state.refusal ?? identity;
      },
    },
    tenants: {
      heardSince: (_tid, time) => state.heardSince <= time,
      listen: async (tid) => {
        log.push(`listen ${tid}`);
        if (!state.bus) throw new ChatError('unavailable', 'no bus');
        state.heardSince = clock.monotonic();
      },
    },
  });
  return { authenticate, log, state, flooders, clock };
}

test('a good answer counts only when the tenant was listened to before the question', async () => {
  const { authenticate, log } = open();
  expect(await authenticate('jwt')).toBe(identity);
  expect(log).toEqual(['open jwt', 'listen tenant', 'open jwt']);
  log.length = 0;
  expect(await authenticate('jwt')).toBe(identity);
  expect(log).toEqual(['open jwt']);
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
