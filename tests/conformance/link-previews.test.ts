/** Previews of links (MSG-8): pages are those of a real server, at an address that is exempt, and at one that is not. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DownFrameOf, RATE_PROFILES } from '@messagecore/protocol';
import { call, must, newMid, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newRoom, type Room, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

const [EXEMPT, PRIVATE] = ['127.0.0.2', '127.0.0.1'];
/** Of one user, in a burst. */
const BURST = 8;

let system: System;
let pages: Server;
let port: number;
/** What was asked for, with the host. */
const asked: string[] = [];

const page = (title: string) => `<title>${title}</title><meta property="og:description" content="About ${title}">`;

const answer: RequestListener = ({ url = '', headers }, response) => {
  asked.push(`${headers.host} ${url}`);
  const html = { 'content-type': 'text/html; charset=utf-8' };
  if (url === '/moved') return void response.writeHead(302, { location: '/one' }).end();
  if (url === '/inside') return void response.writeHead(302, { location: `http://${PRIVATE}:${port}/secret` }).end();
  if (url === '/round') return void response.writeHead(302, { location: '/round' }).end();
  if (url === '/picture') return void response.writeHead(200, { 'content-type': 'image/png' }).end(page('picture'));
  if (url === '/gone') return void response.writeHead(404, html).end(page('gone'));
  if (url === '/long') return void response.writeHead(200, html).end(page('long') + ' '.repeat(1_000_000));
  return void response.writeHead(200, html).end(page(url.slice(1)));
};

beforeAll(async () => {
  pages = createServer(answer);
  await new Promise<void>((done) => void pages.listen(0, '0.0.0.0', done));
  port = (pages.address() as AddressInfo).port;
  system = await startSystem({
    gateways: 2,
    limits: { ...RATE_PROFILES.load, previewsPerUser: { perSecond: 0.0001, burst: BURST } },
    chatService: { linkPreviewExemptNetworks: [`${EXEMPT}/32`] },
  });
});
afterAll(async () => {
  await system.stop();
  pages.closeAllConnections();
  pages.close();
});

const at = (path: string, host = EXEMPT) => `http://${host}:${port}${path}`;

async function roomWithPreviews() {
  const room = await newRoom(system, 'ann', 'bob');
  const body = { linkPreviews: true };
  await must('PATCH', `${system.api}/v1/tenant/settings`, { headers: room.tenant.backEnd, body });
  const bob = await system.connect(room.users.bob, { gateway: 1 });
  await bob.join(room.cid);
  return { ...room, bob };
}

async function say(user: TestUser, cid: string, text: string): Promise<number> {
  const body = { mid: newMid(), kind: 'text', body: { text } };
  const url = `${system.api}/v1/conversations/${cid}/messages`;
  return (await must<{ seq: number }>('POST', url, { headers: user.auth, body })).seq;
}
/** Until every page is fetched. Messages before one with a preview have their jobs already: their consumer keeps the order. */
const allFetched = (tid: string) =>
  vi.waitUntil(
    async () => (await system.sql`select from jobs where kind = 'preview links' and tenant_id = ${tid}`).length === 0,
    { timeout: 60_000 },
  );
/** The messages that have previews. */
async function previewed(cid: string): Promise<number[]> {
  const rows = await system.sql<{ seq: number }[]>`
    select seq::int as seq from messages where conversation_id = ${cid} and previews is not null order by seq`;
  return rows.map(({ seq }) => seq);
}
const urlOf = ({ cid }: Pick<Room<never>, 'cid'>, seq: number) =>
  `${system.api}/v1/conversations/${cid}/messages/${seq}`;

test('[PREV-1] [PREV-2] pages at public addresses have previews, in an update of the service’s own', async () => {
  const { cid, tid, users, bob } = await roomWithPreviews();
  const none = [at('/secret', PRIVATE), `http://localhost:${port}/secret`].join(' ');
  await say(users.ann, cid, `inside: ${none}`);
  const seq = await say(users.ann, cid, `see ${at('/one')}, ${at('/inside')} and ${at('/moved')}`);
  const update = await bob.record.next('update', { cid, seq });
  expect(update).toMatchObject({
    rev: 1,
    previews: [
      { url: at('/one'), title: 'one', description: 'About one' },
      { url: at('/moved'), title: 'one', description: 'About one' },
    ],
  });
  expect(update.edited).toBeUndefined();
  await allFetched(tid);
  expect(await previewed(cid)).toEqual([seq]);
  expect(asked.filter((request) => request.includes('secret'))).toEqual([]);
  const [row] = await system.sql<{ count: number }[]>`
    select count(*)::int as count from message_edits where conversation_id = ${cid}`;
  expect(row!.count).toBe(0);

  const late = await system.connect(users.bob);
  await late.join(cid, { since: 0, rev: 0 });
  expect(await late.record.next('message', { cid, seq })).toMatchObject({ rev: 1, previews: update.previews });
});

test('[PREV-2] what is no page, or has no end, has none', async () => {
  const { cid, tid, users, bob } = await roomWithPreviews();
  await say(users.ann, cid, `see ${at('/picture')} ${at('/gone')} ${at('/round')}`);
  const seq = await say(users.ann, cid, `see ${at('/long')}`);
  const { previews } = await bob.record.next('update', { cid, seq });
  expect(previews).toEqual([{ url: at('/long'), title: 'long', description: 'About long' }]);
  await allFetched(tid);
  expect(await previewed(cid)).toEqual([seq]);
  expect(asked.filter((request) => request.endsWith('/round'))).toHaveLength(4);
});

test('[PREV-3] [PREV-4] an edit makes others, and the sender takes them away', async () => {
  const { cid, users, bob } = await roomWithPreviews();
  const seq = await say(users.ann, cid, `see ${at('/before')}`);
  await bob.record.next('update', { cid, seq, rev: 1 });
  const url = urlOf({ cid }, seq);
  const edit = (text: string) => must('PATCH', url, { headers: users.ann.auth, body: { body: { text } } });
  await edit(`now ${at('/before')}`);
  expect((await bob.record.next('update', { cid, seq, rev: 2 })).previews).toHaveLength(1);
  await edit(`see ${at('/after')}`);
  expect((await bob.record.next('update', { cid, seq, rev: 3 })).previews).toBeUndefined();
  expect((await bob.record.next('update', { cid, seq, rev: 4 })).previews).toMatchObject([{ title: 'after' }]);

  const remove = (user: TestUser) =>
    call<DownFrameOf<'message'> & { readonly code?: string }>('DELETE', `${url}/previews`, { headers: user.auth });
  expect((await remove(users.bob)).body).toMatchObject({ code: 'forbidden' });
  const removed = (await remove(users.ann)).body;
  expect(removed).toMatchObject({ rev: 5, body: { text: `see ${at('/after')}` } });
  expect(removed.previews).toBeUndefined();
  expect((await remove(users.ann)).body.rev).toBe(5);
});

test('[PREV-1] a tenant that has not asked for them has none', async () => {
  const { cid, users } = await newRoom(system, 'ann');
  await say(users.ann, cid, `see ${at('/unwanted')}`);
  const other = await roomWithPreviews();
  const seq = await say(other.users.ann, other.cid, `see ${at('/wanted')}`);
  await other.bob.record.next('update', { cid: other.cid, seq });
  expect(asked.filter((request) => request.endsWith('wanted'))).toEqual([`${EXEMPT}:${port} /wanted`]);
});

test('[PREV-5] a page is fetched once for all of a tenant, and so many for one user', async () => {
  const { cid, users, bob } = await roomWithPreviews();
  const before = asked.length;
  for (const user of [users.ann, users.bob]) {
    const seq = await say(user, cid, `see ${at('/shared')}`);
    await bob.record.next('update', { cid, seq });
  }
  expect(asked.slice(before)).toEqual([`${EXEMPT}:${port} /shared`]);
  for (const n of range(1, BURST + 4)) await say(users.ann, cid, `see ${at(`/many${n}`)}`);
  const seq = await say(users.bob, cid, `see ${at('/last')}`);
  await bob.record.next('update', { cid, seq });
  await bob.record.until('all that are allowed', () => bob.record.of('update', { cid }).length === BURST + 2);
  expect(asked.filter((request) => request.includes('/many'))).toHaveLength(BURST - 1);
});
