import { connect } from 'node:net';
import { CLOSE, encodeFrame, LIMITS, RATE_PROFILES, type UpFrame } from '@messagecore/protocol';
import type { RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AttackPlan, startAttack } from '../support/attacker.ts';
import { fill, newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

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

const SAMPLES = 50;

/** Milliseconds from send to receive between two sessions that behave: the median of some. */
async function latency(from: RawClient, to: RawClient, cid: string): Promise<number> {
  const times: number[] = [];
  for (const i of range(1, SAMPLES)) {
    const start = performance.now();
    const mid = from.say(cid, `sample ${i}`);
    await to.record.next('message', { cid, mid });
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return times.sort((a, b) => a - b)[SAMPLES / 2]!;
}

const frames = (count: number, make: () => UpFrame) => range(1, count).map(() => encodeFrame(make(), 'json'));
const strangers = () => Object.fromEntries(range(1, 500).map(() => [crypto.randomUUID(), [0, 0] as [number, number]]));
const nested = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;

const attacks: Record<string, () => Pick<AttackPlan, 'payloads' | 'deaf'>> = {
  'malformed JSON': () => ({ payloads: ['{"t":"send","cid":'] }),
  'wrong types': () => ({ payloads: ['{"t":"send","cid":7,"mid":[],"body":null,"kind":{},"at":"now"}'] }),
  'frames of a megabyte': () => ({ payloads: ['x'.repeat(1024 * 1024)] }),
  'unknown types': () => ({ payloads: ['{"t":"teleport"}'] }),
  'bodies nested without end': () => ({
    payloads: [`{"t":"edit","cid":"${room.cid}","seq":1,"ref":"r","body":{"text":"x","a":${nested}}}`],
  }),
  'joins without end': () => ({ payloads: frames(2_000, () => ({ t: 'join', cid: crypto.randomUUID(), since: 0 })) }),
  'resumes without end': () => ({ payloads: frames(20, () => ({ t: 'resume', pos: strangers() })) }),
  'replays without reading': () => ({
    payloads: frames(1, () => ({ t: 'join', cid: room.cid, since: 0 })),
    deaf: true,
  }),
  'cursors beyond the head': () => ({
    payloads: frames(1, () => ({ t: 'join', cid: room.cid, since: Number.MAX_SAFE_INTEGER })),
  }),
  'tokens that are none': () => ({ payloads: frames(1, () => ({ t: 'auth', jwt: 'x'.repeat(8_000) })) }),
};

test.each(Object.entries(attacks))('[LAG-5] %s: nobody else waits', async (_, plan) => {
  const { users, tenant } = room;
  const quiet = await tenant.channel(users.ann, users.bob);
  const [ann, bob] = await Promise.all([system.connect(users.ann), system.connect(users.bob)]);
  await Promise.all([ann.join(quiet), bob.join(quiet)]);
  const before = await latency(ann, bob, quiet);
  const attack = startAttack({ url: system.ws(), token: users.mallory.token, sessions: 4, ...plan() });
  const during = await latency(ann, bob, quiet);
  const { sent } = await attack.stop();
  expect(sent).toBeGreaterThan(10);
  // Attackers, gateway, chat-service and servers share the machine; a loop that is blocked shows as far more than this.
  expect(during).toBeLessThan(Math.max(before * 10, 100));
  expect([...ann.record.of('error'), ...bob.record.of('error')]).toEqual([]);
  expect(bob.record.messages(quiet)).toHaveLength(SAMPLES * 2);
});

test('[LAG-5] 10^5 joins are answered or refused, and end in a close', async () => {
  const mallory = await system.connect(room.users.mallory);
  let sent = 0;
  while (sent < 100_000 && mallory.socket.readyState === mallory.socket.OPEN) {
    mallory.sendFrame({ t: 'join', cid: crypto.randomUUID() });
    sent += 1;
    if (sent % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await mallory.closed).toMatchObject({ code: CLOSE.flooding });
  expect(mallory.record.of('error', { code: 'rate_limited' }).length).toBeGreaterThanOrEqual(LIMITS.refusals - 1);
});

test('[LAG-5] connections that say nothing, or half a request, are in nobody’s way', async () => {
  const { port, hostname } = new URL(system.ws());
  const sockets = range(1, 200).map((i) => {
    const socket = connect(Number(port), hostname).on('error', () => {});
    if (i % 2 === 0) socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nUpgr');
    return socket;
  });
  const { cid, users } = room;
  const [ann, bob] = await Promise.all([system.connect(users.ann), system.connect(users.bob)]);
  await bob.join(cid);
  expect(await latency(ann, bob, cid)).toBeLessThan(100);
  for (const socket of sockets) socket.destroy();
});
