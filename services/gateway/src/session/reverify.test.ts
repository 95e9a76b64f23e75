/** What ends sessions although its event found none, or never came. */
import { VirtualClock } from '@messagecore/kernel';
import { CLOSE, LIMITS } from '@messagecore/protocol';
import { type RpcError } from '@messagecore/protocol/bus';
import { createLogger } from '@messagecore/runtime';
import { expect, test } from 'vitest';
import { newAllowances } from './allowances.fixture.ts';
import { JoinTurns } from './join-turns.ts';
import { TID } from '../egress/frames.fixture.ts';
import type { Identity } from './deps.ts';
import { FakeSink } from './room.fixture.ts';
import { Session, type SessionDeps } from './session.ts';
import { Sessions } from './sessions.ts';

const rate = { perSecond: 100, burst: 200 };
const ann: Identity = {
  tid: TID,
  uid: 'ann',
  expiresAt: Number.MAX_SAFE_INTEGER,
  framesPerConnection: rate,
  sendsPerUser: rate,
};
const ROUND_MS = 25_000;
const timing = { authTimeoutMs: 10_000, heartbeatMs: 15_000, deadPeerMs: 1e9, lagCloseMs: 1e9, reverifyMs: ROUND_MS };
const refusal = (error: RpcError['error']): RpcError => ({ error, msg: 'no' });
const settled = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** Questions about tokens are answered by hand, or at once where `answers` has the token. */
function open() {
  const clock = new VirtualClock();
  const sessions = new Sessions(clock, timing);
  const answers = new Map<string, Identity | RpcError>([['ann', ann]]);
  const asked: { jwt: string; again: boolean; answer: (answer: Identity | RpcError) => void }[] = [];
  const ask = (jwt: string, again: boolean) =>
    new Promise<Identity | RpcError>((resolve) => {
      asked.push({ jwt, again, answer: resolve });
      const known = answers.get(jwt);
      if (known !== undefined) resolve(known);
    });
  const unused = {} as never;
  const deps: SessionDeps = {
    ...{
      clock,
      timing,
      rooms: unused,
      upstream: unused,
      typing: unused,
      pacer: unused,
      joinTurns: new JoinTurns(),
      allowances: newAllowances({ clock }),
      framesPerConnection: rate,
    },
    log: createLogger({ name: 'test', level: 'silent' }),
    verify: (jwt) => ask(jwt, false),
    verifyAgain: (jwt) => ask(jwt, true),
    revocations: sessions.revocations,
    watchers: sessions.watchers,
    presence: { set() {}, watched() {} },
    reconnectInMs: () => 0,
    onOpened: (session) => sessions.opened(session),
    onLagging() {},
    onResumed() {},
    onReplayed() {},
    onSendAnswered() {},
    onClosed: (session) => sessions.remove(session),
  };
  const connect = () => {
    const sink = new FakeSink();
    const session = new Session('sid', sink, deps);
    sessions.add(session);
    return { session, sink };
  };
  const ready = async () => {
    const connected = connect();
    connected.session.authenticate('ann');
    await settled();
    asked.length = 0;
    return connected;
  };
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      clock.advance(1_000);
      sessions.sweep();
      await settled();
    }
  };
  return { clock, sessions, answers, asked, connect, ready, pass };
}

test.each([
  ['tenant_suspended', CLOSE.forbidden, { t: 'bye', reason: 'suspended' }],
  ['forbidden', CLOSE.forbidden, { t: 'error', code: 'forbidden' }],
  ['unauthorized', CLOSE.unauthorized, { t: 'bye', reason: 'revoked' }],
] as const)('[REVK-4] %s, of which nothing was heard, ends the session within a round', async (error, code, last) => {
  const { answers, ready, pass } = open();
  const { sink } = await ready();
  await pass(ROUND_MS);
  expect(sink.closed).toBeUndefined();
  answers.set('ann', refusal(error));
  await pass(ROUND_MS);
  expect(sink.closed).toBe(code);
  expect(sink.sent.at(-1)).toMatchObject(last);
});

test('[REVK-4] what cannot be known just now is asked again until there is an answer', async () => {
  const { answers, ready, pass, asked } = open();
  const { sink } = await ready();
  answers.set('ann', refusal('unavailable'));
  await pass(10 * ROUND_MS);
  expect([asked.length, sink.closed]).toEqual([10, undefined]);
  expect(sink.sent.map(({ t }) => t)).toEqual(['ready']);
  answers.set('ann', refusal('tenant_suspended'));
  await pass(ROUND_MS);
  expect(sink.closed).toBe(CLOSE.forbidden);
});

test('[REVK-4] a round is spread over its time, and asks nothing twice at once', async () => {
  const { answers, ready, pass, asked } = open();
  for (let n = 0; n < 100; n += 1) await ready();
  const perSecond: number[] = [];
  for (let second = 0; second < 25; second += 1) {
    asked.length = 0;
    await pass(1_000);
    perSecond.push(asked.length);
  }
  expect(perSecond).toEqual(perSecond.map(() => 4));
  answers.clear();
  asked.length = 0;
  await pass(4 * ROUND_MS);
  expect(asked).toHaveLength(100);
});

test('[REVK-4] when an event may just have been lost, every token is verified soon, once', async () => {
  const { sessions, ready, pass, asked } = open();
  for (let n = 0; n < 100; n += 1) await ready();
  sessions.reverifySoon();
  const perSecond: number[] = [];
  for (let second = 0; second < 6; second += 1) {
    asked.length = 0;
    await pass(1_000);
    perSecond.push(asked.length);
  }
  expect(perSecond).toEqual([20, 20, 20, 20, 20, 4]);
});

test('[AUTH-9] [REVK-4] a token that expires is not mistaken for a revoked one', async () => {
  const { answers, clock, connect, pass, asked } = open();
  answers.set('ann', { ...ann, expiresAt: clock.now() + 1_000 });
  const { session, sink } = connect();
  session.authenticate('ann');
  await settled();
  clock.advance(1_000);
  answers.set('ann', refusal('unauthorized'));
  await session.reverify();
  expect([asked.length, sink.closed]).toEqual([2, undefined]);
  await pass(LIMITS.tokenLeewayMs);
  expect(sink.sent.at(-1)).toMatchObject({ t: 'bye', reason: 'expired' });
});

test('[AUTH-7] [REVK-4] the token that counts is the last one accepted', async () => {
  const { answers, ready, asked } = open();
  const { session, sink } = await ready();
  // Of a renewal that failed nothing is known: the old token is still what the session lives on.
  answers.set('bob', refusal('unavailable'));
  session.authenticate('bob');
  await settled();
  answers.delete('ann');
  asked.length = 0;
  const first = session.reverify();
  expect(asked.map(({ jwt }) => jwt)).toEqual(['ann']);
  // The old token ends while it is asked about, and does not matter any more.
  answers.set('renewed', ann);
  session.authenticate('renewed');
  await settled();
  asked[0]?.answer(refusal('unauthorized'));
  await first;
  expect(sink.closed).toBeUndefined();
  await session.reverify();
  expect(asked.at(-1)).toMatchObject({ jwt: 'renewed', again: true });
});

test.each([
  ['[REVK-1] a suspension', (sessions: Sessions) => sessions.onTenant(TID, { v: 1, event: 'suspended' })],
  ['[REVK-2] a deactivation', (sessions: Sessions) => sessions.onUser(TID, 'ann', { v: 1, event: 'deactivated' })],
  [
    '[REVK-3] a revocation',
    (sessions: Sessions) => sessions.onUser(TID, 'ann', { v: 1, event: 'revoked', clientId: 'phone' }),
  ],
])('%s that comes while the token is being verified has the question asked again', async (_, hear) => {
  const { sessions, answers, asked, connect } = open();
  answers.clear();
  const { session, sink } = connect();
  session.authenticate('ann');
  hear(sessions);
  asked[0]?.answer({ ...ann, clientId: 'phone' });
  await settled();
  expect([asked.length, session.state, sink.sent]).toEqual([2, 'opening', []]);
  asked[1]?.answer(refusal('unauthorized'));
  await settled();
  expect(sink.closed).toBe(CLOSE.unauthorized);
});

test('[REVK-3] other revocations do not hold a session up', async () => {
  const { sessions, answers, asked, connect } = open();
  answers.clear();
  const { session } = connect();
  session.authenticate('ann');
  sessions.onUser(TID, 'ann', { v: 1, event: 'revoked', clientId: 'laptop' });
  sessions.onUser(TID, 'bob', { v: 1, event: 'deactivated' });
  sessions.onUser(TID, 'ann', { v: 1, event: 'conv', cid: TID, conv: 'added' });
  sessions.onTenant(TID, { v: 1, event: 'reactivated' });
  asked[0]?.answer({ ...ann, clientId: 'phone' });
  await settled();
  expect([asked.length, session.state]).toEqual([1, 'ready']);
});

test('[REVK-3] [AUTH-7] a session is of the device that its newest token names', async () => {
  const { sessions, answers, ready } = open();
  const { session, sink } = await ready();
  answers.set('laptop', { ...ann, clientId: 'laptop' });
  session.authenticate('laptop');
  await settled();
  sessions.onUser(TID, 'ann', { v: 1, event: 'revoked', clientId: 'phone' });
  expect(sink.closed).toBeUndefined();
  sessions.onUser(TID, 'ann', { v: 1, event: 'revoked', clientId: 'laptop' });
  expect(sink.sent.at(-1)).toMatchObject({ t: 'bye', reason: 'revoked' });
});

test('[REVK-3] a session is judged by its token as it was verified last', async () => {
  const { answers, ready } = open();
  const { session } = await ready();
  answers.set('laptop', { ...ann, clientId: 'laptop', generation: 3 });
  session.authenticate('laptop');
  await settled();
  expect(session.token).toEqual({ device: 'laptop', generation: 3 });
  answers.set('laptop', { ...ann, clientId: 'laptop', generation: 4 });
  await session.reverify();
  expect(session.token).toEqual({ device: 'laptop', generation: 4 });
});
