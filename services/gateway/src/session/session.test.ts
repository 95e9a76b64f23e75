import { VirtualClock } from '@messagecore/kernel';
import { CLOSE, LIMITS, type UpFrame } from '@messagecore/protocol';
import { type RpcError, type RpcResult } from '@messagecore/protocol/bus';
import { createLogger } from '@messagecore/runtime';
import { expect, test } from 'vitest';
import { newAllowances } from './allowances.fixture.ts';
import { JoinTurns } from './join-turns.ts';
import { CID, TID } from '../egress/frames.fixture.ts';
import type { Identity } from './deps.ts';
import { Pacer } from './pacer.ts';
import { FakeRoom, FakeSink } from './room.fixture.ts';
import { Session, type SessionDeps } from './session.ts';
import { Sessions } from './sessions.ts';

const settled = async () => {
  for (let turn = 0; turn < 4; turn += 1) await new Promise<void>((resolve) => void setImmediate(resolve));
};

const ann: Identity = {
  tid: TID,
  uid: 'ann',
  expiresAt: Number.MAX_SAFE_INTEGER,
  framesPerConnection: { perSecond: 100, burst: 200 },
  sendsPerUser: { perSecond: 30, burst: 100 },
};
const timing = {
  authTimeoutMs: 10_000,
  heartbeatMs: 15_000,
  deadPeerMs: 45_000,
  lagCloseMs: 300_000,
  reverifyMs: 25_000,
};
const send = (n: number) =>
  ({ t: 'send', cid: CID, mid: `mid ${n}`, clientId: 'phone', at: 1, kind: 'text', body: { n } }) as const;

/** `type ref` of each answer to a request with a `ref`. */
function answersIn({ sent }: FakeSink): string[] {
  return sent.flatMap((frame) => (frame.t === 'result' || frame.t === 'error' ? [`${frame.t} ${frame.ref}`] : []));
}

function open() {
  const clock = new VirtualClock();
  const room = new FakeRoom();
  const tokens = new Map<string, Identity | RpcError>([['ann', ann]]);
  const sends: { n: unknown; resolve: (answer: RpcResult<'send'> | RpcError) => void }[] = [];
  const asked: string[] = [];
  const sessions = new Sessions(clock, timing);
  let lagged = 0;
  const typing: string[] = [];
  const ok = { head: 0, rev: 0, epoch: 0, first: 1, access: 1 };
  const note =
    <R>(name: string, result: R) =>
    async ({ cid }: { cid: string }) => {
      asked.push(`${name} ${cid}`);
      return cid === CID ? result : ({ error: 'not_found', msg: 'none' } satisfies RpcError);
    };
  const verify = async (jwt: string) => tokens.get(jwt) ?? ({ error: 'unauthorized', msg: 'bad' } satisfies RpcError);
  const deps: SessionDeps = {
    clock,
    log: createLogger({ name: 'test', level: 'silent' }),
    timing,
    rooms: { holds: () => true, acquire: () => room, release() {} },
    upstream: {
      open: async () => ann,
      join: async ({ cid }) =>
        cid === CID ? { ...ok, head: room.seq, rev: room.rev } : { error: 'not_found', msg: 'none' },
      send: (item) => new Promise((resolve) => sends.push({ n: (item.body as { n: unknown }).n, resolve })),
      change: note('change', { rev: 1 }),
      delivered: note('ack', { pos: 1 }),
      read: note('read', { pos: 1, unread: 0 }),
      call: async ({ op }) => ({ data: op }),
    },
    typing: { set: (_typist, cid, on) => typing.push(`${cid} ${on}`), stop: (_sid, cid) => typing.push(`${cid} stop`) },
    pacer: new Pacer(() => performance.now()),
    joinTurns: new JoinTurns(),
    allowances: newAllowances({ clock }),
    framesPerConnection: ann.framesPerConnection,
    verify,
    verifyAgain: verify,
    revocations: sessions.revocations,
    watchers: sessions.watchers,
    presence: { set() {}, watched() {} },
    reconnectInMs: () => 77,
    onOpened: (session) => sessions.opened(session),
    onLagging: () => (lagged += 1),
    onResumed() {},
    onReplayed() {},
    onSendAnswered() {},
    onClosed: (session) => sessions.remove(session),
  };
  const sink = new FakeSink();
  sink.received = 0;
  const session = new Session('sid', sink, deps);
  sessions.add(session);
  const sweep = (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      clock.advance(Math.min(left, 1_000));
      sessions.sweep();
    }
  };
  const ready = async () => {
    session.authenticate('ann');
    await settled();
    sink.sent.length = 0;
  };
  const say = async (frame: UpFrame) => {
    session.receive(frame);
    await settled();
  };
  return {
    clock,
    room,
    tokens,
    sends,
    asked,
    sessions,
    session,
    sink,
    sweep,
    ready,
    say,
    typing,
    lagged: () => lagged,
  };
}

test('[AUTH-1] [CON-5] a good token is answered by ready, and what came meanwhile follows', async () => {
  const { session, sink, sessions } = open();
  session.authenticate('ann');
  session.defer(() => session.receive({ t: 'ping', at: 1 }), 10);
  expect(sink.sent).toEqual([]);
  await settled();
  expect(sink.sent).toMatchObject([
    {
      t: 'ready',
      userId: 'ann',
      sid: 'sid',
      heartbeatMs: 15_000,
      limits: { framesPerSecond: 100, sendsPerSecond: 30 },
    },
    { t: 'pong', at: 1 },
  ]);
  expect([session.state, sessions.users]).toEqual(['ready', 1]);
});

test.each([
  ['unauthorized', CLOSE.unauthorized],
  ['forbidden', CLOSE.forbidden],
  ['tenant_suspended', CLOSE.forbidden],
  ['unavailable', CLOSE.tooFarBehind],
  ['rate_limited', CLOSE.flooding],
] as const)('[AUTH-5] [AUTH-10] [REVK-1] a token refused as %s', async (error, code) => {
  const { session, sink, tokens } = open();
  tokens.set('bad', { error, msg: 'no' });
  session.authenticate('bad');
  await settled();
  expect(sink.sent).toMatchObject([{ t: 'error', code: error }]);
  expect([sink.closed, session.state]).toEqual([code, 'closed']);
});

test('[LIM-5] too much that waits for the token ends the connection, and says when to come again', () => {
  const { session, sink } = open();
  session.authenticate('ann');
  for (let kept = 0; kept < 5; kept += 1) session.defer(() => {}, 60_000);
  expect(sink.sent).toMatchObject([{ t: 'error', code: 'rate_limited', retryAfterMs: 500 }]);
  expect(sink.closed).toBe(CLOSE.flooding);
});

test('[AUTH-7] [AUTH-8] a renewal keeps the session; another user ends it', async () => {
  const { session, sink, tokens, ready, say } = open();
  await ready();
  await say({ t: 'join', cid: CID });
  tokens.set('again', { ...ann, expiresAt: 1 });
  session.authenticate('again');
  await settled();
  expect(sink.sent.at(-1)).toMatchObject({ t: 'ready', sid: 'sid' });
  expect(session.joins?.has(CID)).toBe(true);
  tokens.set('bob', { ...ann, uid: 'bob' });
  session.authenticate('bob');
  await settled();
  expect(sink.sent.at(-1)).toMatchObject({ t: 'error', code: 'unauthorized' });
  expect(sink.closed).toBe(CLOSE.unauthorized);
});

test('a renewal that cannot be verified just now does not end the session', async () => {
  const { session, sink, tokens, ready } = open();
  await ready();
  tokens.set('again', { error: 'unavailable', msg: 'nobody' });
  session.authenticate('again');
  await settled();
  expect([sink.sent.at(-1)?.t, session.state]).toEqual(['error', 'ready']);
});

test('[AUTH-4] [AUTH-9] [AUTH-6] silence before the token, and the end of the token', async () => {
  const silent = open();
  silent.sweep(9_000);
  expect(silent.sink.closed).toBeUndefined();
  silent.sweep(1_000);
  expect(silent.sink.closed).toBe(CLOSE.timeout);
  const { clock, tokens, sink, ready, sweep } = open();
  tokens.set('ann', { ...ann, expiresAt: clock.now() + 20_000 });
  await ready();
  sink.received = 1;
  sweep(20_000 + LIMITS.tokenLeewayMs - 1_000);
  expect(sink.closed).toBeUndefined();
  sweep(1_000);
  expect(sink.sent.at(-1)).toMatchObject({ t: 'bye', reason: 'expired' });
  expect(sink.closed).toBe(CLOSE.unauthorized);
});

test('[HB-3] [HB-4] a peer that says nothing is dropped, any byte keeps it', async () => {
  const { sink, ready, sweep } = open();
  await ready();
  for (let round = 1; round <= 4; round += 1) {
    sweep(40_000);
    sink.received = round;
  }
  expect(sink.closed).toBeUndefined();
  sweep(45_000);
  sweep(1_000);
  expect(sink.closed).toBe(CLOSE.timeout);
});

test('[SEND-8] so many sends may wait for their ack', async () => {
  const { sink, sends, ready, say, session } = open();
  await ready();
  for (let n = 0; n < LIMITS.sendsInFlight; n += 1) session.receive(send(n));
  await say(send(LIMITS.sendsInFlight));
  expect(sends).toHaveLength(LIMITS.sendsInFlight);
  expect(sink.sent).toMatchObject([{ t: 'error', code: 'rate_limited', ref: `mid ${LIMITS.sendsInFlight}`, cid: CID }]);
  expect(session.busy).toBe(true);
  for (const [seq, { resolve }] of sends.entries()) resolve({ seq: seq + 1, at: 1, repeat: false });
  await settled();
  expect(sink.sent.filter(({ t }) => t === 'ack')).toHaveLength(LIMITS.sendsInFlight);
  expect(sink.sent[1]).toEqual({ t: 'ack', cid: CID, pos: 1, mid: 'mid 0', at: 1 });
  expect(session.busy).toBe(false);
});

test('[SEQ-3] what is held back behind a refused send shares its refusal, whatever the answer is called', async () => {
  const { sink, sends, ready, say } = open();
  await ready();
  await say(send(1));
  sends[0]?.resolve({ error: 'unavailable', msg: 'nobody', retryAfterMs: 400 });
  await settled();
  await say(send(2));
  sends[1]?.resolve({ error: 'rate_limited', msg: 'wait', retryAfterMs: 400 });
  await settled();
  expect(sink.sent).toMatchObject([
    { t: 'error', code: 'unavailable', ref: 'mid 1', retryAfterMs: 400 },
    { t: 'error', code: 'unavailable', ref: 'mid 2', retryAfterMs: 400 },
  ]);
});

test('[SIG-1] signals about what the user may not see are answered by an error', async () => {
  const { sink, ready, say } = open();
  await ready();
  const cid = 'elsewhere';
  await say({ t: 'ack', cid, pos: 1 });
  await say({ t: 'read', cid, pos: 1 });
  await say({ t: 'typing', cid, on: true });
  await say({ t: 'leave', cid });
  await say({ t: 'react', cid, seq: 1, emoji: '+', on: true, ref: 'r' });
  const errors = sink.sent.map((frame) => (frame.t === 'error' ? [frame.code, frame.cid, frame.ref] : frame.t));
  expect(errors).toEqual([...Array.from({ length: 4 }, () => ['not_found', cid, undefined]), ['not_found', cid, 'r']]);
});

test('[ANS-1] a request with a ref keeps the session busy until it is answered, also while it drains and lags', async () => {
  const { session, sink, ready } = open();
  await ready();
  session.dispatch('drain');
  sink.fill();
  sink.sent.length = 0;
  session.receive({ t: 'recall', cid: CID, seq: 1, ref: 'a' });
  session.receive({ t: 'read', cid: CID, pos: 1, ref: 'b' });
  session.receive({ t: 'join', cid: CID, ref: 'c' });
  session.receive({ t: 'recall', cid: 'elsewhere', seq: 1, ref: 'd' });
  expect(session.busy).toBe(true);
  await settled();
  const answers = answersIn(sink);
  expect(answers.toSorted()).toEqual(['error d', 'result a', 'result b', 'result c']);
  expect(session.busy).toBe(false);
});

test('[ANS-4] a leave that overtakes a join is what its answer says', async () => {
  const { session, sink, room, ready } = open();
  await ready();
  session.receive({ t: 'join', cid: CID, ref: 'a' });
  session.receive({ t: 'join', cid: CID, since: 0 });
  session.receive({ t: 'leave', cid: CID, ref: 'b' });
  session.receive({ t: 'join', cid: CID, ref: 'c' });
  await settled();
  await settled();
  const answers = answersIn(sink);
  expect(answers).toEqual(['result b', 'error a', 'result c']);
  expect(room.members.size).toBe(1);
});

test('[JOIN-8] [TYP-5] leaving what is not joined does nothing, typing needs a join', async () => {
  const { sink, ready, say, typing } = open();
  await ready();
  await say({ t: 'leave', cid: CID });
  await say({ t: 'typing', cid: CID, on: true });
  expect(sink.sent).toMatchObject([{ t: 'error', code: 'conflict', cid: CID }]);
  await say({ t: 'join', cid: CID });
  await say({ t: 'typing', cid: CID, on: true });
  expect(typing).toEqual([`${CID} true`]);
});

test('[TYP-5] typing behind a join that is under way waits for it, and is no reason for an error', async () => {
  const { sink, ready, session, typing } = open();
  await ready();
  session.receive({ t: 'resume', pos: { [CID]: [0, 0] } });
  session.receive({ t: 'typing', cid: CID, on: true });
  session.receive({ t: 'typing', cid: CID, on: false });
  await settled();
  expect(sink.sent.map(({ t }) => t)).not.toContain('error');
  expect(typing).toEqual([`${CID} true`, `${CID} false`]);
});

test('[TYP-7] typing that had begun ends with a mute, and not when a mute is lifted', async () => {
  const { room, ready, say, typing } = open();
  await ready();
  await say({ t: 'join', cid: CID });
  await say({ t: 'typing', cid: CID, on: true });
  const [member] = room.members;
  member!.muted(0);
  expect(typing).toEqual([`${CID} true`]);
  member!.muted(Date.now() + 60_000);
  expect(typing).toEqual([`${CID} true`, `${CID} stop`]);
});

test('[PERM-1] a removal is told once, whichever way it is heard of first', async () => {
  const { session, sink, room, ready, say } = open();
  await ready();
  for (const roomFirst of [true, false]) {
    await say({ t: 'join', cid: CID });
    const [member] = room.members;
    sink.sent.length = 0;
    const hearings = [
      () => room.members.has(member!) && member!.expelled('removed'),
      () => session.onConv(CID, 'removed'),
    ];
    for (const hear of roomFirst ? hearings : hearings.reverse()) hear();
    expect(sink.sent).toEqual([{ t: 'conv', cid: CID, event: 'removed', users: ['ann'] }]);
    expect([session.joins?.has(CID), room.members.size]).toEqual([false, 0]);
  }
  session.onConv('another', 'removed');
  expect(sink.sent).toHaveLength(2);
});

test('[PERM-1] a removal that was overtaken throws nobody out who was let in again', async () => {
  const { session, sink, room, ready, say } = open();
  await ready();
  await say({ t: 'join', cid: CID });
  room.access = { version: 7 };
  sink.sent.length = 0;
  session.onConv(CID, 'removed', 6);
  expect([session.joins?.has(CID), sink.sent]).toEqual([true, []]);
  session.onConv(CID, 'removed', 7);
  expect([session.joins?.has(CID), sink.sent.length]).toEqual([false, 1]);
});

test('[SIG-2] an event of a conversation that is not joined is passed on, that of a joined one comes by the room', async () => {
  const { session, sink, ready, say } = open();
  await ready();
  session.onConv(CID, 'added');
  expect(sink.sent).toEqual([{ t: 'conv', cid: CID, event: 'added' }]);
  await say({ t: 'join', cid: CID });
  session.onConv(CID, 'changed');
  expect(sink.sent.filter(({ t }) => t === 'conv')).toHaveLength(1);
});

test('[REVK-1] [REVK-2] [REVK-3] events of the user and the tenant end sessions', async () => {
  const cases = [
    {
      hear: (sessions: Sessions) => sessions.onUser(TID, 'ann', { v: 1, event: 'deactivated' }),
      code: CLOSE.forbidden,
    },
    {
      hear: (sessions: Sessions) => sessions.onUser(TID, 'ann', { v: 1, event: 'revoked', clientId: 'phone' }),
      code: CLOSE.unauthorized,
    },
    {
      hear: (sessions: Sessions) => sessions.onUser(TID, 'ann', { v: 1, event: 'revoked', clientId: 'laptop' }),
      code: undefined,
    },
    {
      hear: (sessions: Sessions) => sessions.onUser('another', 'ann', { v: 1, event: 'deactivated' }),
      code: undefined,
    },
    { hear: (sessions: Sessions) => sessions.onTenant(TID, { v: 1, event: 'suspended' }), code: CLOSE.forbidden },
    { hear: (sessions: Sessions) => sessions.onTenant(TID, { v: 1, event: 'reactivated' }), code: undefined },
  ];
  for (const { hear, code } of cases) {
    const { sessions, sink, ready, tokens } = open();
    tokens.set('ann', { ...ann, clientId: 'phone' });
    await ready();
    hear(sessions);
    expect(sink.closed).toBe(code);
    expect([sessions.size, sessions.users, sessions.hasTenant(TID)]).toEqual(
      code === undefined ? [1, 1, true] : [0, 0, false],
    );
  }
});

test('[LAG-2] [LAG-3] a session that lags is closed after its time', async () => {
  const { sink, room, ready, say, sweep, session, lagged, clock } = open();
  await ready();
  await say({ t: 'join', cid: CID });
  sink.fill();
  for (let n = 0; n < 3; n += 1) {
    room.store();
    room.send(1, 0);
  }
  expect([session.lagging, lagged()]).toEqual([true, 1]);
  await settled();
  for (let round = 0; round < 299; round += 1) {
    sink.received = round;
    clock.advance(1_000);
    session.sweep(clock.monotonic(), clock.now());
  }
  expect(sink.closed).toBeUndefined();
  sink.received = -1;
  sweep(1_000);
  expect(sink.sent.at(-1)).toMatchObject({ t: 'bye', reason: 'lagging' });
  expect(sink.closed).toBe(CLOSE.tooFarBehind);
});

test('heads are told once about a room that has become quiet', async () => {
  const { sink, room, ready, say, session } = open();
  await ready();
  await say({ t: 'join', cid: CID });
  sink.sent.length = 0;
  session.tellHeads();
  session.tellHeads();
  expect(sink.sent).toEqual([{ t: 'heads', cids: { [CID]: [0, 0] } }]);
  room.store();
  room.send(1, 0);
  session.tellHeads();
  expect(sink.sent.filter(({ t }) => t === 'heads')).toHaveLength(1);
  session.tellHeads();
  expect(sink.sent.at(-1)).toEqual({ t: 'heads', cids: { [CID]: [1, 0] } });
});

test('a history that was replaced voids the join', async () => {
  const { sink, room, ready, say, session } = open();
  await ready();
  await say({ t: 'join', cid: CID });
  const [member] = room.members;
  member!.restarted(3, 2);
  expect(sink.sent.at(-1)).toMatchObject({ t: 'error', code: 'cursor_ahead', cid: CID, head: 3, epoch: 2 });
  expect(session.joins?.has(CID)).toBe(false);
});

test('[RES-1] a resume that is refused as a whole is answered for each conversation', async () => {
  const { session, sink, ready } = open();
  await ready();
  session.refuse(
    { error: 'rate_limited', msg: 'too many frames', retryAfterMs: 70 },
    {},
    { t: 'resume', pos: { [CID]: [0, 0], another: [0, 0] } },
  );
  expect(sink.sent).toMatchObject([CID, 'another'].map((cid) => ({ code: 'rate_limited', cid, retryAfterMs: 70 })));
});

test('[USER-4] a session watches whom it names, and nobody when it has ended', async () => {
  const { session, sessions, sink, ready, say } = open();
  await ready();
  const bob = '00000000-0000-4000-8000-00000000000b';
  const { watchers } = sessions;
  await say({ t: 'watch', users: [bob] });
  expect([...watchers.of(ann.tid, bob)]).toEqual([{ tid: ann.tid, userId: ann.uid, sink }]);
  await say({ t: 'unwatch', users: [bob] });
  expect(watchers.of(ann.tid, bob).size).toBe(0);
  await say({ t: 'watch', users: [bob] });
  expect(watchers.size).toBe(1);
  session.dispatch('drained');
  expect(watchers.size).toBe(0);
});
