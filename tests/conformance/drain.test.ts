import { waitUntil } from '@messagecore/dev-servers';
import { CLOSE } from '@messagecore/protocol';
import { newMid, type RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { startTicks } from '../support/ticks.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 1, chatServices: 2 });
});
afterAll(() => system.stop());

const statusOf = (url: string) =>
  fetch(url).then(
    ({ status }) => status,
    () => 0,
  );

test('[DRN-1] a draining gateway says so and takes nobody new', async () => {
  const gateway = await system.addGateway();
  const index = system.gateways.length - 1;
  const { users } = await newRoom(system, 'ann');
  const present = await system.connect(users.ann, { gateway: index });
  expect(await statusOf(`${gateway.url}/ready`)).toBe(200);
  const drained = gateway.drain();
  await present.record.next('bye');
  expect([503, 0]).toContain(await statusOf(`${gateway.url}/ready`));
  const late = system.dial({ gateway: index, token: users.ann.token });
  await late.closed;
  expect(late.record.of('ready')).toEqual([]);
  await drained;
});

test('[DRN-2] everybody is told to go, spread over time', async () => {
  const gateway = await system.addGateway();
  const index = system.gateways.length - 1;
  const { users } = await newRoom(system, 'ann');
  const sessions = await Promise.all(range(1, 50).map(() => system.connect(users.ann, { gateway: index })));
  const drained = gateway.drain();
  const byes = await Promise.all(sessions.map(({ record }) => record.next('bye')));
  for (const bye of byes) expect(bye.reason).toBe('draining');
  const delays = byes.map(({ reconnectInMs }) => reconnectInMs);
  expect(new Set(delays).size).toBeGreaterThan(25);
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(200);
  await drained;
});

test('[DRN-3] those who stay are closed after the grace period', async () => {
  const gateway = await system.addGateway();
  const index = system.gateways.length - 1;
  const { users } = await newRoom(system, 'ann');
  const goes = await system.connect(users.ann, { gateway: index });
  const stays = await system.connect(users.ann, { gateway: index });
  const ticks = startTicks();
  const drained = gateway.drain();
  await goes.record.next('bye');
  goes.socket.close();
  const { code } = await stays.closed;
  expect([CLOSE.goingAway, CLOSE.restart]).toContain(code);
  expect(stays.frames.at(-1)).toMatchObject({ t: 'bye', reason: 'draining' });
  await drained;
  expect(ticks.elapsedMs).toBeLessThan(10_000);
  ticks.stop();
});

test('[DRN-4] gateways that go one after the other under load lose and double nothing', async () => {
  const rolling = await Promise.all([system.addGateway(), system.addGateway()]);
  const first = system.gateways.length - 2;
  const { cid, users } = await newRoom(system, 'ann', 'bob', 'cy');
  const watcher = await system.connect(users.cy);
  await watcher.join(cid);
  const senders = [new Sender(users.ann.token, 'ann', first), new Sender(users.bob.token, 'bob', first + 1)];
  await Promise.all(senders.map((sender) => sender.start(cid)));
  for (const gateway of rolling) {
    const reached = senders.map(({ acked }) => acked.size + 100);
    await waitUntil('some traffic', () => senders.every(({ acked }, i) => acked.size >= reached[i]!));
    await gateway.drain();
  }
  const reached = senders.map(({ acked }) => acked.size + 100);
  await waitUntil('traffic afterwards', () => senders.every(({ acked }, i) => acked.size >= reached[i]!));
  await Promise.all(senders.map((sender) => sender.stop()));

  const sent = senders.flatMap(({ acked }) => [...acked.keys()]);
  const end = Math.max(...senders.flatMap(({ acked }) => [...acked.values()]));
  await watcher.record.next('message', { cid, seq: end });
  const stored = await system.sql<{ mid: string; seq: number; text: string }[]>`
    select mid, seq::int, body->>'text' as text from messages where conversation_id = ${cid} and kind = 'text' order by seq`;
  expect(new Set(stored.map(({ mid }) => mid))).toEqual(new Set(sent));
  expect(stored).toHaveLength(sent.length);
  expect(watcher.record.messages(cid).map(({ mid }) => mid)).toEqual(stored.map(({ mid }) => mid));
  for (const { name } of senders) {
    const numbers = stored.filter(({ text }) => text.startsWith(name)).map(({ text }) => Number(text.split(' ')[1]));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  }
});

/** Keeps a few sends in flight; after a close it goes to the first gateway and repeats what was not acknowledged. */
class Sender {
  readonly acked = new Map<string, number>();
  readonly name: string;
  readonly #token: string;
  readonly #gateway: number;
  readonly #waiting = new Map<string, string>();
  #client: RawClient | undefined;
  #count = 0;
  #going = true;
  #done: Promise<void> | undefined;

  constructor(token: string, name: string, gateway: number) {
    this.#token = token;
    this.name = name;
    this.#gateway = gateway;
  }

  async start(cid: string): Promise<void> {
    this.#client = await system.connect({ token: this.#token }, { gateway: this.#gateway });
    this.#done = this.#run(cid);
  }

  async stop(): Promise<void> {
    this.#going = false;
    await this.#done;
  }

  async #run(cid: string): Promise<void> {
    while (this.#going || this.#waiting.size > 0) {
      const client = this.#client!;
      if (client.socket.readyState !== client.socket.OPEN || client.record.of('bye').length > 0) {
        client.socket.close();
        await client.closed;
        this.#take(client);
        this.#client = await system.connect({ token: this.#token }, { gateway: 0 });
        for (const [mid, text] of this.#waiting) this.#client.say(cid, text, { mid });
        continue;
      }
      while (this.#going && this.#waiting.size < 20) {
        const mid = newMid();
        const text = `${this.name} ${++this.#count}`;
        this.#waiting.set(mid, text);
        client.say(cid, text, { mid });
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
      this.#take(client);
    }
  }

  #take(client: RawClient): void {
    for (const { mid, pos } of client.record.of('ack')) {
      if (!this.#waiting.delete(mid)) continue;
      this.acked.set(mid, pos);
    }
  }
}
