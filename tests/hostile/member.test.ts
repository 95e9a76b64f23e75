/** One member that does all it may, at the limits of production: what it gets, what others get, what it takes of memory. */
import { newMid, type RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { watchGrowth } from './growth.ts';
import { type Behaviour, BEHAVIOURS, type Member } from './member/behaviours.ts';
import { misbehave } from './member/misbehave.ts';
import { nothingSeen, type Seen } from './member/seen.ts';
import { writeHistory } from './member/write-history.ts';

const MEBIBYTE = 1024 * 1024;
/** The member's own conversations, and others of its tenant. */
const CONVERSATIONS = 60;
const FELLOWS = 40;
/** What is tried of each behaviour before it ends. */
const ENOUGH = 250;
const SAMPLES = 20;
const PATIENCE = { timeout: 240_000 };

let system: System;
let member: Member;

beforeAll(async () => {
  system = await startSystem({
    limits: 'production',
    chatServices: 2,
    ownRedis: true,
    ownProcesses: true,
    chatService: { trustedProxies: 1, redisTimeoutMs: 60_000 },
    gateway: { trustedProxies: 1 },
  });
  const { tenant, cid, users } = await newRoom(system, 'mallory');
  const fellows = await tenant.users(...range(1, FELLOWS).map((i) => `fellow ${i}`));
  const cids = [cid];
  for (const _ of range(2, CONVERSATIONS)) cids.push(await tenant.channel(users.mallory));
  member = {
    gateways: [system.ws(0), system.ws(1)],
    apis: system.chatServices.map(({ url }) => url),
    token: users.mallory.token,
    address: '192.0.2.2',
    cids,
    others: fellows.map(({ userId }) => userId),
  };
  await writeHistory(member);
}, 240_000);
afterAll(() => system.stop());

interface Bystanders {
  /** Each message arrives, in order, and nothing is refused. */
  goOn(): Promise<void>;
}

/** Two of another tenant, at two gateways. */
async function come(): Promise<Bystanders> {
  const { cid, users } = await newRoom(system, 'ann', 'bob');
  const ann = await system.connect(users.ann, { gateway: 0 });
  const bob = await system.connect(users.bob, { gateway: 1 });
  onTestFinished(() => [ann, bob].forEach((client) => client.cut()));
  await bob.join(cid);
  const page = () => fetch(`${system.api}/v1/conversations/${cid}/messages?limit=50`, { headers: users.ann.auth });
  let last = 0;
  return {
    goOn: async () => {
      for (const i of range(1, SAMPLES)) last = await say(ann, cid, `message ${i}`);
      await bob.record.next('message', { cid, seq: last });
      expect(bob.record.seqs(cid)).toEqual(range(1, last));
      await expect.poll(async () => (await page()).status, { timeout: 60_000 }).toBe(200);
      const errors = [ann, bob].flatMap(({ record }) => record.of('error').map(({ code }) => code));
      expect(errors.filter((code) => code !== 'unavailable')).toEqual([]);
    },
  };
}

/** Says it again, as a client does, when on a slow machine the answer took too long. */
async function say(client: RawClient, cid: string, text: string): Promise<number> {
  const mid = newMid();
  for (;;) {
    const before = client.record.of('error').length;
    client.say(cid, text, { mid });
    const ack = () => client.record.of('ack', { cid, mid }).at(-1);
    await client.record.until('an answer', () => ack() !== undefined || client.record.of('error').length > before);
    const pos = ack()?.pos;
    if (pos !== undefined) return pos;
  }
}

async function during(behaviours: readonly Behaviour[], enough: number): Promise<Seen> {
  const seen = nothingSeen();
  const over = new AbortController();
  const bystanders = await come();
  const growth = await watchGrowth(system);
  const attack = misbehave(member, behaviours, over.signal, seen);
  try {
    await bystanders.goOn();
    await expect.poll(() => seen.sent, { timeout: 120_000 }).toBeGreaterThan(enough);
    await bystanders.goOn();
  } finally {
    over.abort();
    await attack;
  }
  expect(seen.withoutRetryAfter).toBe(0);
  expect(await growth.most()).toBeLessThan(256 * MEBIBYTE);
  return seen;
}

const { nothing: _, 'answers unread': unread, ...others } = BEHAVIOURS;
/** What is refused when it is done as often as a connection or an address may. */
const REFUSED: Readonly<Partial<Record<keyof typeof BEHAVIOURS, string>>> = {
  reactions: 'rate_limited',
  creations: '429',
  devices: '429',
};

test.each(Object.entries<Behaviour>(others))('[LAG-5] [LIM-5] %s: others go on', PATIENCE, async (name, behaviour) => {
  const { answers } = await during([behaviour], ENOUGH);
  const refused = REFUSED[name as keyof typeof BEHAVIOURS];
  if (refused !== undefined) expect(answers).toHaveProperty(refused);
  expect(Object.keys(answers)).not.toContain('internal');
  expect(Object.keys(answers)).not.toContain('500');
});

test('[LAG-6] answers unread: others go on', PATIENCE, async () => {
  const { sent } = await during([unread], 50);
  expect(sent).toBeGreaterThan(50);
});

test('[LAG-5] [LAG-6] all of it together: others go on', PATIENCE, async () => {
  const { answers } = await during(Object.values<Behaviour>(BEHAVIOURS), 2 * ENOUGH);
  expect(answers).toHaveProperty('rate_limited');
});
