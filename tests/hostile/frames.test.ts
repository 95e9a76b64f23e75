/** Those who have a token, and send what no client should. */
import { CLOSE, encodeFrame, LIMITS, RATE_PROFILES, type UpFrame } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fill, newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { type AttackPlan, startAttack } from './attacker.ts';
import { Bystanders } from './bystanders.ts';

let system: System;
let room: Room<'ann' | 'bob' | 'mallory'>;

beforeAll(async () => {
  const { framesPerConnection } = RATE_PROFILES.production;
  system = await startSystem({ gateways: 1, limits: { ...RATE_PROFILES.load, framesPerConnection } });
  room = await newRoom(system, 'ann', 'bob', 'mallory');
  const ann = await system.connect(room.users.ann);
  await fill(ann, room.cid, 150, (i) => `${i} ${'.'.repeat(4_000)}`);
});
afterAll(() => system.stop());

const frames = (count: number, make: () => UpFrame) => range(1, count).map(() => encodeFrame(make(), 'json'));
const strangers = (count: number) =>
  Object.fromEntries(range(1, count).map(() => [crypto.randomUUID(), [0, 0] as [number, number]]));
const nested = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
const someone = () => crypto.randomUUID();

interface Attack extends Pick<AttackPlan, 'payloads' | 'deaf'> {
  /** How connections end that go on with it, if they end. */
  readonly ends?: number;
}

const attacks: Record<string, () => Attack> = {
  'malformed JSON': () => ({ payloads: ['{"t":"send","cid":'], ends: CLOSE.malformed }),
  'wrong types': () => ({
    payloads: ['{"t":"send","cid":7,"mid":[],"body":null,"kind":{},"at":"now"}'],
    ends: CLOSE.malformed,
  }),
  'frames of a megabyte': () => ({ payloads: ['x'.repeat(1024 * 1024)], ends: CLOSE.tooLarge }),
  'unknown types': () => ({ payloads: ['{"t":"teleport"}'], ends: CLOSE.malformed }),
  'bodies nested without end': () => ({
    payloads: [`{"t":"edit","cid":"${room.cid}","seq":1,"ref":"r","body":{"text":"x","a":${nested}}}`],
    ends: CLOSE.malformed,
  }),
  'joins without end': () => ({ payloads: frames(2_000, () => ({ t: 'join', cid: someone(), since: 0 })) }),
  'resumes without end': () => ({ payloads: frames(20, () => ({ t: 'resume', pos: strangers(500) })) }),
  'resumes of too many': () => ({
    payloads: frames(2, () => ({ t: 'resume', pos: strangers(1_300) })),
    ends: CLOSE.malformed,
  }),
  'replays without reading': () => ({
    payloads: frames(1, () => ({ t: 'join', cid: room.cid, since: 0 })),
    deaf: true,
  }),
  'cursors beyond the head': () => ({
    payloads: frames(1, () => ({ t: 'join', cid: room.cid, since: Number.MAX_SAFE_INTEGER })),
  }),
  'tokens that are none': () => ({
    payloads: frames(1, () => ({ t: 'auth', jwt: 'x'.repeat(8_000) })),
    ends: CLOSE.unauthorized,
  }),
  'typing without end': () => ({
    payloads: frames(2, () => ({ t: 'typing', cid: room.cid, on: Math.random() < 0.5 })),
  }),
  'presence of crowds': () => ({ payloads: frames(5, () => ({ t: 'watch', users: range(1, 500).map(someone) })) }),
  'heartbeats without end': () => ({ payloads: frames(1, () => ({ t: 'ping', at: 1 })) }),
};

test.each(Object.entries(attacks))('[LAG-5] %s: nobody else waits', async (_, plan) => {
  const bystanders = await Bystanders.come(system, room);
  const { ends, ...payloads } = plan();
  const attack = await startAttack({ url: system.ws(), token: room.users.mallory.token, sessions: 2, ...payloads });
  expect(await bystanders.complaints()).toEqual([]);
  const { sent, closes } = await attack.stop();
  expect(sent).toBeGreaterThan(10);
  if (ends !== undefined) expect(closes).toHaveProperty(String(ends));
});

test('[LAG-5] [LIM-6] 10^5 joins are answered or refused, and end in a close', async () => {
  const mallory = await system.connect(await room.tenant.user('trudy'));
  let sent = 0;
  while (sent < 100_000 && mallory.socket.readyState === mallory.socket.OPEN) {
    mallory.sendFrame({ t: 'join', cid: crypto.randomUUID() });
    sent += 1;
    if (sent % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await mallory.closed).toMatchObject({ code: CLOSE.flooding });
  expect(mallory.record.of('error', { code: 'rate_limited' }).length).toBeGreaterThanOrEqual(LIMITS.refusals - 1);
});
