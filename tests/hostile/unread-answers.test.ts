/** Peers that ask over HTTP and read nothing, while others go on. */
import { connect, type Socket } from 'node:net';
import { LIMITS } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { fill, newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { watchGrowth } from './growth.ts';

/** Of each kind of attack. */
const PEERS = 100;
const MEBIBYTE = 1024 * 1024;

let system: System;
let room: Room<'ann' | 'bob' | 'mallory'>;

beforeAll(async () => {
  system = await startSystem({ gateways: 1, ownProcesses: true });
  room = await newRoom(system, 'ann', 'bob', 'mallory');
  const ann = await system.connect(room.users.ann);
  await fill(ann, room.cid, 100, (i) => `${i} ${'.'.repeat(15_000)}`);
});
afterAll(() => system.stop());

/** Connections that ask and read nothing; `again` asks once more on each. */
function askDeafly(url: string, path: string, headers = ''): () => void {
  const { hostname, port } = new URL(url);
  const peers: Socket[] = range(1, PEERS).map(() =>
    connect({ host: hostname, port: Number(port) })
      .on('error', () => {})
      .pause(),
  );
  onTestFinished(() => peers.forEach((peer) => void peer.destroy()));
  const again = () => {
    for (const peer of peers) if (peer.writable) peer.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
  };
  again();
  return again;
}

/** Two who behave: what one says reaches the other, in the middle of it all. */
async function goesOn(): Promise<void> {
  const cid = await room.tenant.channel(room.users.ann, room.users.bob);
  const [ann, bob] = await Promise.all([system.connect(room.users.ann), system.connect(room.users.bob)]);
  await bob.join(cid);
  for (const i of range(1, 20)) {
    const seq = await ann.sayAndWait(cid, `message ${i}`);
    await bob.record.next('message', { cid, seq });
  }
  expect([...ann.record.of('error'), ...bob.record.of('error')]).toEqual([]);
  for (const client of [ann, bob]) client.cut();
}

/** A figure of a service; undefined when the address has too many answers unread, as those who attack have the same one. */
async function figure(url: string, name: string): Promise<number | undefined> {
  const answer = await fetch(`${url}/metrics`);
  const text = await answer.text();
  return answer.ok ? Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text)?.[1]) : undefined;
}

test('[LAG-6] [LAG-5] pages, contracts and programs that nobody reads take little memory, and others go on', async () => {
  const { cid, users } = room;
  await goesOn();
  // What is made once and kept, for readers too, is not the attack's.
  for (const path of ['/docs/js/scalar.js', '/openapi.json', '/metrics']) await (await fetch(system.api + path)).text();
  const growth = await watchGrowth(system);
  const bearer = `Authorization: Bearer ${users.mallory.token}\r\n`;
  const attacks = [
    askDeafly(system.api, `/v1/conversations/${cid}/messages?limit=200`, bearer),
    askDeafly(system.api, '/v1/conversations?limit=200', bearer),
    askDeafly(system.api, '/docs/js/scalar.js'),
    askDeafly(system.api, '/openapi.json'),
    askDeafly(system.api, '/metrics'),
  ];
  const seen: number[] = [];
  const look = async () => {
    for (const again of attacks) again();
    const unsent = await figure(system.api, 'http_unsent_bytes');
    if (unsent !== undefined) seen.push(unsent);
    return seen.length > 20 && ((await figure(system.api, 'http_unread_cut_total')) ?? 0) > 0;
  };
  await goesOn();
  // Until what the systems keep for connections is full, and the first are cut off.
  await expect.poll(look, { timeout: 60_000, interval: 50 }).toBe(true);
  expect(Math.max(...seen)).toBeGreaterThan(0);
  expect(Math.max(...seen)).toBeLessThanOrEqual(LIMITS.unsentPerAddress + MEBIBYTE);
  expect(await growth.most()).toBeLessThan(256 * MEBIBYTE);
  // In the end all are.
  await expect
    .poll(() => figure(system.api, 'http_unsent_bytes'), { timeout: 60_000, interval: 500 })
    .toBeLessThan(MEBIBYTE);
});

test('[LAG-6] [LAG-5] a gateway’s own figures that nobody reads are bounded too', async () => {
  const { url } = system.gateways[0]!;
  const growth = await watchGrowth(system);
  askDeafly(url, '/metrics');
  askDeafly(url, '/health');
  await goesOn();
  expect(await growth.most()).toBeLessThan(256 * MEBIBYTE);
});
