import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { VirtualClock } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol';
import { isRpcError, type RpcError } from '@messagecore/protocol/bus';
import { createLogger } from '@messagecore/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { newAllowances } from '../session/allowances.fixture.ts';
import { JoinTurns } from '../session/join-turns.ts';
import { CID, TID } from '../egress/frames.fixture.ts';
import { FlushScheduler } from '../egress/flush-scheduler.ts';
import type { Identity } from '../session/deps.ts';
import { Pacer } from '../session/pacer.ts';
import { FakeRoom } from '../session/room.fixture.ts';
import type { Session, SessionDeps } from '../session/session.ts';
import { Sessions } from '../session/sessions.ts';
import { createSse } from './sse.ts';

const rate = { perSecond: 100, burst: 200 };
const ann: Identity = {
  ...{ tid: TID, uid: 'ann', expiresAt: Number.MAX_SAFE_INTEGER },
  ...{ framesPerConnection: rate, sendsPerUser: rate },
};
const suspended: RpcError = { error: 'tenant_suspended', msg: 'no' };
const timing = { ...LIMITS, reverifyMs: 25_000 };

/** `join` is what happens while the stream's joins are looked at. `query` has the token. */
async function open(join: (sessions: Sessions) => void = () => {}, query = 'token=x') {
  const clock = new VirtualClock();
  const sessions = new Sessions(clock, timing);
  const state = { answer: ann as Identity | RpcError, asked: 0 };
  const opened: Session[] = [];
  const verify = async () => {
    state.asked += 1;
    return state.answer;
  };
  const room = new FakeRoom();
  let joins = 0;
  const upstream = {
    join: async () => {
      if ((joins += 1) === 1) join(sessions);
      return { head: 0, rev: 0, epoch: 0, first: 1, access: 1 };
    },
  };
  const deps: SessionDeps = {
    ...{ clock, timing, upstream: upstream as never, typing: { set() {}, stop() {} }, framesPerConnection: rate },
    ...{
      verify,
      verifyAgain: verify,
      revocations: sessions.revocations,
      watchers: sessions.watchers,
      presence: { set() {}, watched() {} },
      reconnectInMs: () => 0,
      onLagging() {},
      onResumed() {},
      onReplayed() {},
      onSendAnswered() {},
    },
    log: createLogger({ name: 'test', level: 'silent' }),
    rooms: { holds: () => true, acquire: () => room, release() {} },
    pacer: new Pacer(() => clock.monotonic()),
    joinTurns: new JoinTurns(),
    allowances: newAllowances({ clock }),
    onOpened: (session) => sessions.opened(session),
    onClosed: (session) => sessions.remove(session),
  };
  const onSession = (session: Session) => {
    sessions.add(session);
    opened.push(session);
  };
  const sse = createSse({
    cookieOrigins: [],
    scheduler: new FlushScheduler(),
    session: deps,
    newSid: () => 's',
    refusalOf: () => undefined,
    onSession,
  });
  const server = createServer((request, response) => {
    sse(request, response, new URL(request.url!, 'http://x')).catch((error) => response.end(String(error)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => {
    peer.destroy();
    server.closeAllConnections();
    server.close();
  });
  let said = '';
  peer.on('data', (data) => (said += String(data)));
  peer.write(`GET /sse?${query}&cid=${CID} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const until = (text: string) => expect.poll(() => said).toContain(text);
  return { state, sessions, opened, until };
}

test('[SSE-6] [REVK-4] the token of a stream is verified once to begin with, and again in its turn', async () => {
  const { state, opened, until } = await open();
  await until('event: joined');
  expect(state.asked).toBe(1);
  state.answer = suspended;
  await opened[0]!.reverify();
  expect(opened[0]!.state).toBe('closed');
  await until('"reason":"suspended"');
});

test('[SSE-6] [REVK-1] a suspension that comes while the joins are looked at ends the stream', async () => {
  const { state, opened, until } = await open((sessions) => {
    state.answer = suspended;
    sessions.onTenant(TID, { v: 1, event: 'suspended' });
  });
  await until('event: error');
  expect([state.asked, opened[0]!.state]).toEqual([2, 'closed']);
});

test('[SSE-6] a tenant that is not listened to any more has the question asked again', async () => {
  const { state, until } = await open((sessions) => sessions.revocations.add({ tid: TID }));
  await until('event: joined');
  expect([state.asked, isRpcError(state.answer)]).toEqual([2, false]);
});

test('[PRES-5] as many users are watched as fit into an address with an ordinary token, and one more is refused', async () => {
  const query = (count: number) => {
    const users = Array.from({ length: count }, () => `watch=${randomUUID()}`);
    return [`token=${'x'.repeat(1_536)}`, ...users].join('&');
  };
  const { sessions, until } = await open(() => {}, query(LIMITS.watchedByStream));
  await until('event: joined');
  await expect.poll(() => sessions.watchers.size).toBe(LIMITS.watchedByStream);
  const more = await open(() => {}, query(LIMITS.watchedByStream + 1));
  await more.until(`watch: more than ${LIMITS.watchedByStream} users`);
  expect(more.opened).toEqual([]);
});
