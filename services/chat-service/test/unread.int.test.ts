/** Peers that ask and do not read what they are answered. */
import { connect, type Socket } from 'node:net';
import { LIMITS } from '@messagecore/protocol';
import { HistoryPage } from '@messagecore/protocol/features';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { seedMessages } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

const COUNT = 60;
const TEXT = 'x'.repeat(90_000);

let house: TestService;
let tenant: TestTenant;
let alice: TestUser;
let cid: string;

beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
  alice = await tenant.user('alice');
  const { body } = await alice.post('/v1/conversations', { kind: 'private', name: 'H', participants: [] });
  cid = body.cid;
  const sql = house.sql();
  await seedMessages(sql, { tid: tenant.tid, cid, uid: alice.uid }, COUNT, () => TEXT);
  await sql.end();
});
afterAll(() => house.stop());

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe('[HTTP-2] a page ends at its bytes', () => {
  const read = async (query: string) => {
    const { text } = await alice.get(`/v1/conversations/${cid}/messages?${query}`);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMITS.pageBytes);
    const page = HistoryPage.parse(JSON.parse(text));
    return { seqs: page.items.map(({ seq }) => seq), more: page.more };
  };

  test('and says that there is more, which is got by going on', async () => {
    let page = await read('limit=200&after=0');
    const upwards = [...page.seqs];
    expect(upwards.length).toBeLessThan(COUNT / 2);
    while (page.more) {
      page = await read(`limit=200&after=${upwards.at(-1)}`);
      upwards.push(...page.seqs);
    }
    expect(upwards).toEqual(range(1, COUNT));

    page = await read('limit=200');
    const downwards = [...page.seqs];
    while (page.more) {
      page = await read(`limit=200&before=${downwards[0]}`);
      downwards.unshift(...page.seqs);
    }
    expect(downwards).toEqual(range(1, COUNT));
  });

  test('on both sides of around, which is there in any case', async () => {
    const { seqs, more } = await read('limit=200&around=30');
    expect([seqs.includes(30), more]).toEqual([true, true]);
    expect(seqs).toEqual(range(seqs[0]!, seqs.at(-1)!));
  });

  test('of changes too', async () => {
    const sql = house.sql();
    await sql`update messages set rev = seq, changed_at = now() where conversation_id = ${cid}`;
    await sql`update conversations set last_rev = ${COUNT} where conversation_id = ${cid}`;
    await sql.end();
    const revs: number[] = [];
    for (let more = true; more;) {
      const { text } = await alice.get(`/v1/conversations/${cid}/changes?limit=200&after=${revs.at(-1) ?? 0}`);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMITS.pageBytes);
      const page = JSON.parse(text) as { items: { rev: number }[]; more: boolean };
      revs.push(...page.items.map(({ rev }) => rev));
      more = page.more;
    }
    expect(revs).toEqual(range(1, COUNT));
  });
});

test('[HTTP-2] a page of conversations ends at its bytes too', async () => {
  const bob = await tenant.user('bob');
  const sql = house.sql();
  const cids: string[] = [];
  for (const n of range(1, 25)) {
    const { body } = await bob.post('/v1/conversations', { kind: 'private', name: `C${n}` });
    await seedMessages(sql, { tid: tenant.tid, cid: body.cid, uid: bob.uid }, 1, () => TEXT);
    cids.unshift(body.cid);
  }
  await sql.end();
  const seen: string[] = [];
  let pages = 0;
  for (let next: string | null = ''; next !== null; pages += 1) {
    const { text, body } = await bob.get(`/v1/conversations?limit=200${next === '' ? '' : `&cursor=${next}`}`);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMITS.pageBytes);
    seen.push(...body.items.map((item: { cid: string }) => item.cid));
    next = body.next;
  }
  expect(seen).toEqual(cids);
  expect(pages).toBeGreaterThan(2);
});

/**
 * Connections that ask for something and read no byte of it. `again` asks once more on the next `many` of them, in turn, on a new
 * one where the service has closed it.
 */
function askDeafly(count: number, path: string, token?: string): { again: (many?: number) => void } {
  const { hostname, port } = new URL(house.service.url);
  const bearer = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
  const open = () =>
    connect({ host: hostname, port: Number(port) })
      .on('error', () => {})
      .pause();
  const peers: Socket[] = range(1, count).map(open);
  onTestFinished(() => peers.forEach((peer) => void peer.destroy()));
  let turn = 0;
  const again = (many = count) => {
    for (const end = turn + many; turn < end; turn += 1) {
      const n = turn % count;
      const peer = peers[n]!;
      const asking = peer.writable ? peer : open();
      peers[n] = asking;
      asking.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${bearer}\r\n`);
    }
  };
  again();
  return { again };
}

/** Figures as they were at one time. */
async function figures() {
  const { text } = await house.rest.get('/metrics');
  const figure = (name: string) => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text)?.[1]);
  return {
    unsent: figure('http_unsent_bytes'),
    cut: figure('http_unread_cut_total'),
  };
}

test('[LAG-6] pages that nobody reads are bounded for a user, others get theirs, and the connections are cut', async () => {
  const before = await figures();
  const { again } = askDeafly(6, `/v1/conversations/${cid}/messages?limit=200`, alice.token);
  const seen: number[] = [];
  const look = async () => {
    const { unsent, cut } = await figures();
    seen.push(unsent);
    return { unsent, cuts: cut - before.cut };
  };
  // What systems keep for connections has to be filled before anything waits. By one at a time, since a page that finds no room
  // because of the others that are being written ends its connection.
  const fill = async () => {
    again(1);
    return (await look()).cuts;
  };
  await expect.poll(fill, { timeout: 60_000, interval: 20 }).toBeGreaterThan(0);
  const carol = await tenant.user('carol');
  expect((await carol.get('/v1/users/me')).status).toBe(200);
  await expect
    .poll(async () => (await look()).unsent, { timeout: 60_000, interval: 100 })
    .toBeLessThan(LIMITS.pageBytes);
  expect(Math.max(...seen)).toBeGreaterThan(LIMITS.unsentPerUser / 2);
  expect(Math.max(...seen)).toBeLessThanOrEqual(LIMITS.unsentPerUser + LIMITS.pageBytes);
  expect((await alice.get(`/v1/conversations/${cid}/messages?limit=1`)).status).toBe(200);
}, 180_000);

test('[LAG-6] the program of the reference page is shared by all who load it, and cached', async () => {
  const path = '/docs/js/scalar.js';
  const first = await fetch(house.service.url + path);
  const whole = await first.text();
  expect([first.status, first.headers.get('content-encoding')]).toEqual([200, 'gzip']);
  expect(first.headers.get('cache-control')).toContain('max-age');
  const plain = await fetch(house.service.url + path, { headers: { 'accept-encoding': 'identity' } });
  expect(await plain.text()).toBe(whole);
  for (const name of [path, '/openapi.json']) {
    const etag = (await fetch(house.service.url + name)).headers.get('etag') ?? '';
    const again = await fetch(house.service.url + name, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  }

  const memory = process.memoryUsage().rss;
  const { again } = askDeafly(100, path);
  const seen: number[] = [];
  await expect
    .poll(
      async () => {
        again();
        seen.push((await figures()).unsent);
        return seen.length > 20;
      },
      { timeout: 60_000, interval: 20 },
    )
    .toBe(true);
  expect(Math.max(...seen)).toBeLessThanOrEqual(LIMITS.unsentPerAddress);
  expect(process.memoryUsage().rss - memory).toBeLessThan(256 * 1024 * 1024);
});
