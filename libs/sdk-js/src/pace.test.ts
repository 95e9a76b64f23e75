/** What goes out stays within the rates that the server named. */
import { expect, test } from 'vitest';
import { breakConnection, connected, type FakeGateway, ROOM, settle } from './test/fake-gateway.ts';

const cids = (count: number) => Array.from({ length: count }, (_, n) => ROOM.slice(0, -4) + String(n).padStart(4, '0'));

/** The most frames that came within any second, of the time that passes. */
async function busiest(gateway: FakeGateway, seconds: number, count: () => number): Promise<number> {
  let most = 0;
  for (let second = 0; second < seconds; second += 1) {
    const before = count();
    for (let tenth = 0; tenth < 10; tenth += 1) {
      gateway.clock.advance(100);
      await settle();
    }
    gateway.live.push({ t: 'pong', at: 0 });
    most = Math.max(most, count() - before);
  }
  return most;
}

test('[LIM-2] 900 messages that waited go out as fast as the user may send, and in order', async () => {
  const { client, gateway } = await connected();
  gateway.live.end(1006);
  const sends = Array.from({ length: 900 }, (_, n) => client.conversation(ROOM).send({ text: `${n}` }));
  gateway.clock.advance(8_000);
  await settle();
  const count = () => gateway.live.frames('send').length;
  expect(count()).toBeLessThanOrEqual(30);
  expect(await busiest(gateway, 33, count)).toBeLessThanOrEqual(31);
  expect((await Promise.all(sends.map(({ delivered }) => delivered))).map(({ seq }) => seq)).toEqual(
    sends.map((_, n) => n + 1),
  );
});

test('[LIM-2] another conversation does not wait for a long queue', async () => {
  const { client, gateway } = await connected();
  const [long = '', short = ''] = cids(2);
  for (let n = 0; n < 500; n += 1) client.conversation(long).send({ text: `${n}` });
  const { delivered } = client.conversation(short).send({ text: 'short' });
  let seq = 0;
  void delivered.then((stored) => (seq = stored.seq));
  await busiest(gateway, 2, () => 0);
  expect(seq).toBe(1);
});

test('[LIM-1] read marks of 700 conversations, joined or not, keep within the rate and come to an end', async () => {
  const { client, gateway } = await connected();
  for (const cid of cids(700)) client.conversation(cid).read(1);
  await busiest(gateway, 60, () => 0);
  for (let round = 0; round < 3; round += 1) {
    await breakConnection(gateway);
    expect(gateway.live.frames('read')).toEqual([]);
  }
  const rest = await connected();
  rest.gateway.live.end(1006);
  for (const cid of cids(700)) rest.client.conversation(cid).read(1);
  rest.gateway.clock.advance(8_000);
  await settle();
  const count = () => rest.gateway.live.received.length;
  expect(count()).toBeLessThanOrEqual(102);
  expect(await busiest(rest.gateway, 8, count)).toBeLessThanOrEqual(101);
  expect(rest.gateway.live.frames('read')).toHaveLength(700);
});

test('[LIM-1] joins of 700 conversations, in `resume` or one by one, keep within the rate', async () => {
  for (const from of [{}, { since: 0, rev: 0 }]) {
    const { client, gateway } = await connected();
    const joined = cids(700).map((cid) => client.join(cid, from).joined);
    await settle();
    expect(gateway.live.received.length).toBeLessThanOrEqual(102);
    expect(await busiest(gateway, 8, () => gateway.live.received.length)).toBeLessThanOrEqual(101);
    await Promise.all(joined);
  }
});

test('[LIM-5] after a refusal nothing is sent for as long as the server said', async () => {
  const { client, gateway } = await connected();
  gateway.live.push({ t: 'error', code: 'rate_limited', msg: '', retryAfterMs: 5_000 });
  const { delivered } = client.conversation(ROOM).send({ text: 'x' });
  client.conversation(ROOM).read(1);
  void client.conversation(ROOM).react(1, '+1');
  const count = () => gateway.live.received.filter(({ t }) => t !== 'auth' && t !== 'ping').length;
  gateway.clock.advance(4_999);
  expect(count()).toBe(0);
  gateway.clock.advance(1);
  expect(count()).toBe(3);
  expect(await delivered).toEqual({ seq: 1 });
});
