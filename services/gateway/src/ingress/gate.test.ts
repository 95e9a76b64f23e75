import { VirtualClock } from '@messagecore/kernel';
import { encodeFrame, LIMITS, type UpFrame } from '@messagecore/protocol';
import { type RpcError } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import type { About } from '../session/deps.ts';
import type { Session } from '../session/session.ts';
import type { State } from '../session/state.ts';
import { Gate } from './gate.ts';

const cid = '018f2a60-7c1e-7cc0-8000-000000000001';
const mid = '01JD8X2M4Q9V5ZT7C0R3K6W1YB';
const send = { t: 'send', cid, mid, clientId: 'c', at: 1, kind: 'text', body: { text: 'x' } } as const;

function open(encoding: 'json' | 'msgpack' = 'json') {
  const clock = new VirtualClock();
  const log: string[] = [];
  const waits: number[] = [];
  const deferred: (() => void)[] = [];
  const session = {
    state: 'ready' as State,
    framesPerConnection: { perSecond: 10, burst: 20 },
    authenticate: (jwt: string) => log.push(`auth ${jwt}`),
    receive: (frame: UpFrame) => log.push(`frame ${frame.t}`),
    refuse: ({ error, retryAfterMs }: RpcError, about: About, frame?: UpFrame) =>
      waits.push(retryAfterMs ?? 0) && log.push(`${error} ${JSON.stringify(about)} ${frame?.t ?? '-'}`),
    defer: (again: () => void) => deferred.push(again),
    dispatch: (event: string) => log.push(event),
  };
  const gate = new Gate(session as Partial<Session> as Session, encoding, clock);
  const say = (frame: unknown) =>
    gate.receive(Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame)), false);
  return { clock, log, waits, gate, session, say, deferred };
}

test('what is well-formed reaches the session', () => {
  const { say, log } = open();
  say({ t: 'join', cid: cid.toUpperCase(), more: 1 });
  say({ t: 'auth', jwt: 'token' });
  expect(log).toEqual(['frame join', 'auth token']);
});

test('[FRM-8] binary is read as JSON on a JSON session, text is malformed on a MessagePack one', () => {
  const json = open();
  json.gate.receive(Buffer.from(JSON.stringify({ t: 'ping', at: 1 })), true);
  expect(json.log).toEqual(['frame ping']);
  const msgpack = open('msgpack');
  msgpack.gate.receive(Buffer.from(encodeFrame({ t: 'ping', at: 1 }, 'msgpack')), true);
  msgpack.say({ t: 'ping', at: 1 });
  expect(msgpack.log).toEqual(['frame ping', 'bad_frame {} -']);
});

test('[FRM-12] a refusal names what it is about, as far as it can be read', () => {
  const { say, log } = open();
  say({ ...send, kind: 7 });
  say({ t: 'edit', cid: cid.toUpperCase(), ref: 'mine' });
  say({ t: 'join', cid: 'nonsense', ref: 7 });
  say({ t: 'edit', ref: 'x'.repeat(65) });
  for (const rubbish of ['[]', 'null', '7', '{', '"x"', '']) say(rubbish);
  expect(log.slice(0, 4)).toEqual([
    `bad_frame ${JSON.stringify({ ref: mid, cid })} -`,
    `bad_frame ${JSON.stringify({ ref: 'mine', cid })} -`,
    'bad_frame {} -',
    'bad_frame {} -',
  ]);
  expect(new Set(log.slice(4))).toEqual(new Set(['bad_frame {} -']));
});

test('[AUTH-3] before a token nothing but a token counts, well-formed or not', () => {
  for (const frame of [{ t: 'ping', at: 1 }, '{', { t: 'auth' }, send]) {
    const { say, log, session } = open();
    session.state = 'waiting';
    say(frame);
    expect(log).toEqual(['frame']);
  }
  const { say, log, session } = open();
  session.state = 'waiting';
  say({ t: 'auth', jwt: 'token' });
  expect(log).toEqual(['auth token']);
});

test('what arrives while the token is verified is looked at afterwards', () => {
  const { say, log, session, deferred } = open();
  session.state = 'opening';
  say({ t: 'ping', at: 1 });
  say('{');
  expect([log, deferred.length]).toEqual([[], 2]);
  session.state = 'ready';
  for (const again of deferred) again();
  expect(log).toEqual(['frame ping', 'bad_frame {} -']);
});

test('[FRM-6] so many malformed frames in ten seconds end the connection, spread wider they do not', () => {
  const fast = open();
  fast.session.framesPerConnection = { perSecond: 1_000, burst: 1_000 };
  for (let said = 1; said < LIMITS.malformedFrames; said += 1) fast.say('{');
  expect(fast.log).not.toContain('malformed');
  fast.say('{');
  expect(fast.log.at(-1)).toBe('malformed');
  const slow = open();
  for (let said = 0; said < 3 * LIMITS.malformedFrames; said += 1) {
    slow.clock.advance((2 * LIMITS.malformedWindowMs) / LIMITS.malformedFrames);
    slow.say('{');
  }
  expect(slow.log).not.toContain('malformed');
});

test('[LIM-1] [LIM-5] beyond the rate frames are refused, heartbeats are carried out', () => {
  const { say, log, clock } = open();
  for (let said = 0; said < 20; said += 1) say({ t: 'join', cid });
  log.length = 0;
  say(send);
  say({ t: 'join', cid });
  say({ t: 'ping', at: 1 });
  say('{');
  expect(log).toEqual([
    `rate_limited ${JSON.stringify({ cid, ref: mid })} send`,
    `rate_limited ${JSON.stringify({ cid })} join`,
    'frame ping',
    'rate_limited {} -',
  ]);
  clock.advance(100);
  say(send);
  expect(log.at(-1)).toBe('frame send');
});

test('[LIM-6] who goes on regardless is closed, by heartbeats too', () => {
  for (const frame of [send, { t: 'ping', at: 1 }]) {
    const { say, log } = open();
    for (let said = 1; said < 20 + LIMITS.refusals; said += 1) say(frame);
    expect(log).not.toContain('flooding');
    say(frame);
    expect(log).toContain('flooding');
  }
  const { gate, log } = open();
  const answered = Array.from({ length: 20 + LIMITS.refusals }, () => gate.receivePing()).filter(Boolean);
  expect(answered).toHaveLength(20);
  expect(log).toEqual(['flooding']);
});

const conversations = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [cid.slice(0, -3) + String(n).padStart(3, '0'), [0, 0]]));

test('[LIM-1] a resume of many conversations counts for more than one frame, and passes when told', () => {
  const { say, log, clock, waits, session } = open();
  session.framesPerConnection = { perSecond: 10, burst: 15 };
  const resume = { t: 'resume', pos: conversations(500) };
  say(resume);
  say(resume);
  expect(log).toEqual(['frame resume', 'rate_limited {} resume']);
  clock.advance(waits[0]! - 1);
  say(resume);
  clock.advance(waits[1]!);
  say(resume);
  expect(log).toEqual(['frame resume', 'rate_limited {} resume', 'rate_limited {} resume', 'frame resume']);
});

test('[LIM-6] [ANS-6] what is long counts for more beyond the rate, and of one who goes on is refused unread', () => {
  const { say, log } = open();
  for (let said = 0; said < 20; said += 1) say({ t: 'join', cid });
  log.length = 0;
  const long = { ...send, body: { text: 'x'.repeat(60_000) } };
  say(long);
  expect(log).toEqual([`rate_limited ${JSON.stringify({ cid, ref: mid })} send`]);
  for (let said = 2; said < 50; said += 1) say(long);
  expect(log.at(-1)).toBe('rate_limited {} -');
  for (let said = 50; said < LIMITS.refusals / 4; said += 1) say(long);
  expect(log).not.toContain('flooding');
  say(long);
  expect(log.at(-1)).toBe('flooding');
});

test('[FRM-5] a message that nests too deep is malformed, and costs no parsing', () => {
  for (const encoding of ['json', 'msgpack'] as const) {
    const { gate, log } = open(encoding);
    const deep = encoding === 'json' ? Buffer.alloc(60_000, '[') : Buffer.alloc(60_000, 0x91);
    gate.receive(deep, encoding === 'msgpack');
    expect(log).toEqual(['bad_frame {} -']);
  }
});

test('a closed session hears nothing any more', () => {
  const { say, log, session, gate } = open();
  session.state = 'closed';
  say({ t: 'ping', at: 1 });
  expect([log, gate.receivePing()]).toEqual([[], false]);
});
