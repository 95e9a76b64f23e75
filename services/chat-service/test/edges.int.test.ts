/** What comes in over HTTP is read as it was meant, or refused: text, names of users, addresses, the operator's key. */
import { connect } from 'node:net';
import { createUlid } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RestClient } from './client.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { startTestService, type TestService } from './service.ts';

const newMid = createUlid();

let house: TestService;
let tenant: TestTenant;
let alice: TestUser;
let cid: string;

beforeAll(async () => {
  house = await startTestService({ trustedProxies: 1 });
  tenant = await createTestTenant(house);
  alice = await tenant.user('alice');
  cid = (await alice.post('/v1/conversations', { kind: 'private', name: 'H' })).body.cid;
});
afterAll(() => house.stop());

/** Sends bytes as they are, each character one of them, and gives status and body. */
async function raw(
  head: string,
  body = Buffer.alloc(0),
): Promise<{ status: number; code: string | undefined; text: string }> {
  const { hostname, port } = new URL(house.service.url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(Buffer.from(`${head}Host: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`, 'latin1'));
  socket.write(body);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk as string;
  const text = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  return { status: Number(answer.split(' ')[1]), code: /"code":"(\w+)"/.exec(text)?.[1], text };
}

describe('[HTTP-3] bytes that are no UTF-8 are refused, not replaced', () => {
  const bearer = () => `Authorization: Bearer ${alice.token}\r\n`;

  test.each([
    ['a lone continuation', [0x80]],
    ['an overlong form', [0xc0, 0xaf]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a character cut short', [0xe2, 0x82]],
    ['Latin-1', [0xe9]],
  ])('in a body: %s', async (_, bytes) => {
    const json = JSON.stringify({ mid: newMid(), kind: 'text', body: { text: 'a@b' } });
    const [before = '', after = ''] = json.split('@');
    const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
    const head = `POST /v1/conversations/${cid}/messages HTTP/1.1\r\n${bearer()}Content-Type: application/json\r\n`;
    expect(await raw(head, body)).toMatchObject({ status: 400, code: 'bad_request' });
    expect((await alice.get(`/v1/conversations/${cid}/messages`)).body.items).toEqual([]);
  });

  test.each(['/v1/users?q=%ff', '/v1/users?q=%c3', '/v1/users?q=%zz', '/v1/users?q=\xe9', '/v1/users/ext:\xc3\xa9'])(
    'in an address: %s',
    async (path) => {
      expect(await raw(`GET ${path} HTTP/1.1\r\n${bearer()}`)).toMatchObject({ status: 400, code: 'bad_request' });
    },
  );

  test('and what is UTF-8 passes', async () => {
    expect((await alice.get('/v1/users?q=%C3%A9+%E2%82%AC')).status).toBe(200);
  });
});

describe('[HTTP-3] X-On-Behalf-Of', () => {
  let cafe: TestUser;
  const as = (name: string) => tenant.backEnd.with({ 'x-on-behalf-of': name }).get('/v1/users/me');
  const asBytes = (value: string) =>
    raw(`GET /v1/users/me HTTP/1.1\r\nX-API-Key: ${tenant.apiKey}\r\nX-On-Behalf-Of: ${value}\r\n`);
  beforeAll(async () => {
    cafe = await tenant.user('café');
    await tenant.user('cafÃ©');
    await tenant.user('100%');
  });

  test('is UTF-8, or percent-encoded UTF-8', async () => {
    const utf8 = await asBytes(`ext:${Buffer.from('café').toString('latin1')}`);
    expect(JSON.parse(utf8.text)).toMatchObject({ userId: cafe.uid });
    expect((await as('ext:caf%C3%A9')).body).toMatchObject({ userId: cafe.uid });
    expect((await as(`ext:${encodeURIComponent('100%')}`)).body).toMatchObject({ externalId: '100%' });
    expect((await as(cafe.uid)).body).toMatchObject({ userId: cafe.uid });
  });

  test('is refused when it is neither, rather than acting for somebody else', async () => {
    for (const value of ['ext:caf\xe9', 'ext:caf%e9', 'ext:100%', 'ext:%zz']) {
      expect(await asBytes(value), value).toMatchObject({ status: 400, code: 'bad_request' });
    }
  });
});

describe('[ERR-1] one refusal names everything that is wrong', () => {
  const fields = (answer: Awaited<ReturnType<RestClient['get']>>) =>
    answer.body.errors.map(({ path }: { path: string }) => path).toSorted();

  test('around the body of a message and in it', async () => {
    const answer = await alice.post(`/v1/conversations/${cid}/messages`, {
      mid: 'short',
      kind: 'text',
      body: { text: '', format: 'rtf' },
      replyTo: 0,
    });
    expect([answer.status, answer.body.code]).toEqual([400, 'bad_request']);
    expect(fields(answer)).toEqual(['body.format', 'body.text', 'mid', 'replyTo']);
  });

  test('in the address and in the body', async () => {
    const answer = await alice.post('/v1/conversations/nonsense/messages', { kind: 'text', body: {} });
    expect(fields(answer)).toEqual(['body.text', 'cid', 'mid']);
  });
});

describe('bodies of another type', () => {
  test.each(['text/plain', 'text/xml', 'application/x-www-form-urlencoded', 'application/json; charset=iso-8859-1'])(
    '[ERR-1] %s: 415',
    async (type) => {
      const answer = await fetch(`${house.service.url}/v1/conversations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${alice.token}`, 'content-type': type },
        body: '{"kind":"public"}',
      });
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        415,
        'unsupported_media_type',
      ]);
    },
  );

  test('JSON that says it is UTF-8 is taken', async () => {
    const answer = await fetch(`${house.service.url}/v1/conversations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${alice.token}`, 'content-type': 'application/json; charset=UTF-8' },
      body: '{"kind":"public","name":"P"}',
    });
    expect(answer.status).toBe(201);
  });
});

describe('the operator’s key', () => {
  test('guesses of one address end soon, also for the right one; others do not feel it', async () => {
    const from = (address: string, key: string) =>
      house.rest.with({ 'x-forwarded-for': address, 'x-admin-key': key }).get('/admin/v1/tenants?limit=1');
    const statuses: number[] = [];
    for (let n = 0; n < 20; n += 1) statuses.push((await from(`203.0.113.7:${5_000 + n}`, `guess number ${n}`)).status);
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
    expect(statuses.at(-1)).toBe(429);
    const right = house.config.adminKey;
    const refused = await from('203.0.113.7', right);
    expect([refused.status, refused.body.code]).toEqual([429, 'rate_limited']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await from('203.0.113.8', right)).status).toBe(200);
  });
});

test('[AUTH-11] a token that is longer than tokens may be is not looked at', async () => {
  const answer = await alice.with({ authorization: `Bearer ${'a'.repeat(LIMITS.tokenBytes + 1)}` }).get('/v1/users/me');
  expect([answer.status, answer.body.code]).toEqual([401, 'unauthorized']);
});

describe('[HTTP-3] what a cursor holds is checked before a list is read', () => {
  const uuid = '00000000-0000-4000-8000-000000000001';
  const HELD = [
    ['a', 'a'],
    ['\0', uuid],
    ['x', uuid],
    ['2026-02-31 00:00:00+00', uuid],
    [0, '\0'],
    [2 ** 31, uuid],
    [Number.MAX_SAFE_INTEGER, uuid],
    [Number.MIN_SAFE_INTEGER, uuid],
    [1e300, uuid],
    [-1e300, uuid],
    [0.5, uuid],
    [1e300],
    [Number.MIN_SAFE_INTEGER],
    ['\0'],
    [[1e300, uuid], null],
    [
      [-1e300, uuid],
      [0, uuid],
    ],
    [null, [1e300, uuid]],
  ];

  test.each([
    '/v1/directory?',
    '/v1/directory?order=members&',
    '/v1/directory?q=a&',
    '/v1/conversations?',
    '/v1/conversations?favourite=true&',
    '/v1/conversations?hidden=true&',
    '/v1/users?',
    '/v1/devices?',
    '/v1/users/me/blocks?',
    '/v1/users/:uid/following?',
    '/v1/users/:uid/followers?',
    '/v1/drafts?',
    '/v1/invitations?',
    '/v1/join-requests?',
    '/v1/conversations/:cid/participants?',
    '/v1/conversations/:cid/bans?',
    '/v1/conversations/:cid/invitations?',
    '/v1/conversations/:cid/links?',
    '/v1/conversations/:cid/join-requests?',
    '/admin/v1/tenants?',
    '/admin/v1/tenants/:tid/keys?',
    '/admin/v1/tenants/:tid/audit?',
    '/admin/v1/sagas?',
    '/admin/v1/jobs/dead?',
    '/admin/v1/dead-letters?',
  ])('%s', async (list) => {
    const path = list.replace(':cid', cid).replace(':tid', tenant.tid).replace(':uid', alice.uid);
    const client = path.startsWith('/admin') ? house.operator : alice;
    expect((await client.get(`${path}limit=1`)).status).toBe(200);
    for (const held of HELD) {
      const cursor = Buffer.from(JSON.stringify(held)).toString('base64url');
      const { status } = await client.get(`${path}limit=1&cursor=${cursor}`);
      expect([held, status]).toEqual([held, status === 400 ? 400 : 200]);
    }
  });
});
