/** Tokens beside a key set that cannot be read. */
import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '@messagecore/kernel';
import { fetchJson } from '../src/platform/outbound/fetch-json.ts';
import { createOutbound } from '../src/platform/outbound/outbound.ts';
import { createJwks } from '../src/core/identity/jwks.ts';
import { createTestTenant } from './people.ts';
import { startTestService } from './service.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Takes every request and answers none. */
async function startHungServer() {
  const asked = Promise.withResolvers<void>();
  const server = createServer(() => asked.resolve()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`, asked: asked.promise };
}

test('[AUTH-5] a token of a key set that hangs keeps nobody else waiting, and is told to come again', async () => {
  const keys = await startHungServer();
  const house = await startTestService({
    keySets: [{ url: keys.url, issuer: 'https://idp.example', audience: 'chat', tenants: 'all' }],
  });
  onTestFinished(() => house.stop());
  const alice = await (await createTestTenant(house)).user('alice');
  const payload = { iss: 'https://idp.example', aud: 'chat', tid: randomUUID(), sub: randomUUID(), exp: 4e9 };
  const forged = `${part({ alg: 'RS256', kid: 'any' })}.${part(payload)}.AA`;

  const refusal = house.rest.with({ authorization: `Bearer ${forged}` }).get('/v1/users/me');
  await keys.asked;
  const own = alice.get('/v1/users/me');
  expect(await Promise.race([refusal.then(() => 'the forged one'), own.then(() => 'her own')])).toBe('her own');
  expect((await own).status).toBe(200);
  expect((await refusal).status).toBe(503);
});

test('[AUTH-10] a key set at a private address is not asked, unless its network is exempt', async () => {
  let asked = 0;
  const server = createServer((_request, reply) => {
    asked += 1;
    reply.end('{"keys":[]}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const [literal, named] = [`http://127.0.0.1:${port}/literal`, `http://localhost:${port}/named`];
  for (const [exemptNetworks, expected] of [
    [[], 0],
    [['10.0.0.0/8'], 0],
    [['127.0.0.0/8', '::1/128'], 2],
  ] as const) {
    const outbound = createOutbound({ exemptNetworks, plainHttp: true });
    onTestFinished(() => outbound.close());
    const read = (url: string) => fetchJson(outbound, url, 1_024);
    const found = await Promise.all(
      [literal, named].map((url) =>
        createJwks(url, systemClock, read)
          .find('any')
          .catch((error: unknown) => error),
      ),
    );
    expect(found.filter((key) => key === undefined)).toHaveLength(expected);
    expect(asked).toBe(expected);
  }
});

test.each([
  ['is too large', (reply: ServerResponse) => reply.end(JSON.stringify({ keys: [], pad: 'x'.repeat(300_000) }))],
  ['never ends', (reply: ServerResponse) => flood(reply)],
  ['leads elsewhere', (reply: ServerResponse) => reply.writeHead(302, { location: '/elsewhere' }).end()],
  ['is no key set', (reply: ServerResponse) => reply.end('[]')],
  [
    'has a damaged key alone',
    (reply: ServerResponse) => reply.end(JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-256' }] })),
  ],
])('[AUTH-10] a key set that %s is not taken, and costs little', async (_, answer) => {
  let asked = 0;
  const server = createServer((_request, reply) => {
    asked += 1;
    answer(reply);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const outbound = createOutbound({ exemptNetworks: ['127.0.0.0/8'], plainHttp: true });
  onTestFinished(() => outbound.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  const jwks = createJwks(url, systemClock, () => fetchJson(outbound, url, 256 * 1_024));
  const found = await jwks.find('any').catch((error: unknown) => error);
  if (found !== undefined) expect(found).toMatchObject({ code: 'unavailable' });
  expect(asked).toBe(1);
});

/** Writes as long as somebody reads. */
function flood(reply: ServerResponse): void {
  const more = () => {
    while (!reply.destroyed && reply.write('x'.repeat(65_536)));
  };
  reply.on('drain', more);
  more();
}
