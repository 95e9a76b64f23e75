import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { createUlid } from '@messagecore/kernel';
import { Problem } from '@messagecore/protocol';
import { asyncApi, type Operation, OPERATIONS } from '@messagecore/protocol/features';
import { validate } from '@scalar/openapi-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, RestClient } from './client.ts';
import { createTestTenant, type TestTenant, type TestUser } from './people.ts';
import { startTestService, type TestService } from './service.ts';

let house: TestService;
let tenant: TestTenant;
let alice: TestUser;
let stranger: TestUser;
let cid: string;
let contract: { openapi: string; paths: Record<string, Record<string, { security?: Record<string, unknown>[] }>> };

beforeAll(async () => {
  house = await startTestService();
  tenant = await createTestTenant(house);
  alice = await tenant.user('alice');
  await tenant.user('bob');
  const other = await createTestTenant(house);
  stranger = await other.user('stranger');
  await other.user('bob');
  const created = await alice.post('/v1/conversations', {
    kind: 'group',
    participants: ['ext:bob', (await tenant.user('carol')).uid],
  });
  cid = created.body.cid;
  await alice.post(`/v1/conversations/${cid}/messages`, { mid: createUlid()(), kind: 'text', body: { text: 'x' } });
  contract = (await house.rest.get('/openapi.json')).body;
});
afterAll(() => house.stop());

/** Every documented operation, with its place-holders filled in. */
function operations(): { method: string; path: string; template: string; security: string[] }[] {
  const fillings: Record<string, string> = { cid, seq: '1', user: 'ext:bob', emoji: '👍', clientId: 'phone' };
  return Object.entries(contract.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, { security = [] }]) => ({
      method: method.toUpperCase(),
      template,
      path: template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(fillings[name] ?? randomUUID())),
      security: security.flatMap((scheme) => Object.keys(scheme)),
    })),
  );
}

/** Routes that are no operations. */
const ROUTES = [
  'POST /send',
  'GET /admin/v1/tenants/{id}/audit/exports/{exportId}/parts/{part}',
  'GET /admin/v1/tenants/{id}/usage.csv',
];
const routeOf = ({ method, path }: Pick<Operation, 'method' | 'path'>) =>
  `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;

/** Routes for whoever has no token yet. */
const OPEN = (OPERATIONS as readonly Operation[]).filter(({ access }) => access === 'anyone').map(({ path }) => path);

const bodyFor = (method: string) => (method === 'GET' ? undefined : {});

function expectProblem({ status, headers, body }: Answer): void {
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(Problem.parse(body).status).toBe(status);
}

describe('the contract', () => {
  test('[SDK-3] is valid OpenAPI 3.1 and names every route', async () => {
    const { valid, errors } = await validate(contract);
    expect({ valid, errors }).toEqual({ valid: true, errors: [] });
    expect(contract.openapi).toBe('3.1.0');
    expect(
      operations()
        .map(({ method, template }) => `${method} ${template}`)
        .toSorted(),
    ).toEqual([...ROUTES, ...OPERATIONS.map(routeOf)].toSorted());
  });

  test('that of sessions is served as it is made from frames and operations, packed and cached', async () => {
    const served = await house.rest.get('/asyncapi.json');
    expect([served.status, served.body]).toEqual([200, JSON.parse(JSON.stringify(asyncApi()))]);
    expect(served.headers.get('content-encoding')).toBe('gzip');
    const known = house.rest.with({ 'if-none-match': served.headers.get('etag') ?? '' });
    expect((await known.get('/asyncapi.json')).status).toBe(304);
  });

  test('the reference page comes with all it needs', async () => {
    const page = await house.rest.get('/docs/');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    const script = /src="([^"]+\.js)"/.exec(page.text)?.[1] ?? '';
    expect((await house.rest.get(`/docs/${script}`)).status).toBe(200);
  });
});

describe('every route', () => {
  test('without credentials: 401, but where nobody has any yet', async () => {
    for (const { method, path, security } of operations()) {
      const isOpen = OPEN.includes(path);
      expect([path, security.length === 0]).toEqual([path, isOpen]);
      const answer = await house.rest.call(method, path, bodyFor(method));
      expect([path, answer.status]).toEqual([path, isOpen ? 400 : 401]);
      expectProblem(answer);
    }
    expect(OPEN).toHaveLength(13);
  });

  test('a user is not an operator, an operator not a user, a user no back end', async () => {
    const clients: Record<string, RestClient> = { user: alice, operator: house.operator };
    for (const { method, path, security } of operations().filter(({ path: each }) => !OPEN.includes(each))) {
      for (const [who, client] of Object.entries(clients)) {
        if (security.includes(who)) continue;
        expect([who, path, (await client.call(method, path, bodyFor(method))).status]).toEqual([who, path, 401]);
      }
    }
  });

  test('[TEN-3] a message to another tenant’s conversation: 404', async () => {
    const { status } = await stranger.post('/send', { cid, mid: createUlid()(), kind: 'text', body: { text: 'x' } });
    expect(status).toBe(404);
  });

  test('with a malformed id: 400', async () => {
    for (const { method, template, security } of operations().filter((route) => route.template.includes('{'))) {
      const path = template.replaceAll(/\{\w+\}/g, '%00');
      const clientOf = security.includes('user') ? alice : tenant.backEnd;
      const client = template.startsWith('/admin') ? house.operator : clientOf;
      const answer = await client.call(method, path);
      expect([method, path, answer.status]).toEqual([method, path, 400]);
      expectProblem(answer);
    }
  });
});

describe('refusals before any route', () => {
  test('an unknown path 404, a known one with another method 405 and what it allows', async () => {
    const unknown = await alice.get('/v2/users');
    expect(unknown.status).toBe(404);
    expectProblem(unknown);
    const wrong = await alice.delete(`/v1/conversations/${cid}/messages`);
    expect([wrong.status, wrong.headers.get('allow'), wrong.body.code]).toEqual([
      405,
      'GET, HEAD, POST',
      'method_not_allowed',
    ]);
    expectProblem(wrong);
  });

  test.each([
    ['{', 400, 'bad_request'],
    ['[]', 400, 'bad_request'],
    ['', 400, 'bad_request'],
    ['null', 400, 'bad_request'],
    ['{"kind":"public","__proto__":{"x":1}}', 400, 'bad_request'],
    [`{"kind":"public","name":"${'x'.repeat(1024 * 1024)}"}`, 413, 'too_large'],
    ['['.repeat(100_000), 400, 'bad_request'],
    [`{"kind":"public","metadata":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`, 400, 'bad_request'],
  ])('a body that is none (%#)', async (body, status, code) => {
    const answer = await alice.post('/v1/conversations', body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expectProblem(answer);
  });

  test('a body that is not JSON, and a path that is not UTF-8', async () => {
    const text = await fetch(`${house.service.url}/v1/conversations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${alice.token}`, 'content-type': 'text/xml' },
      body: '<a/>',
    });
    expect([text.status, ((await text.json()) as Problem).code]).toEqual([415, 'unsupported_media_type']);

    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(`${house.service.url}/v1/users/%c0%af`, (answer) => resolve(answer.resume().statusCode))
        .once('error', reject)
        .end();
    });
    expect(status).toBe(400);
  });

  test('browsers of other origins may call; the answer carries the request’s id', async () => {
    const preflight = await fetch(`${house.service.url}/v1/conversations`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'PATCH' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH');
    const answer = await alice.with({ 'x-request-id': 'trace-7' }).get('/v1/users/me');
    expect(answer.headers.get('x-request-id')).toBe('trace-7');
    const made = (await alice.with({ 'x-request-id': 'two words' }).get('/v1/users/me')).headers.get('x-request-id');
    expect(made).toMatch(/^[0-9a-f-]{36}$/);
  });
});

test('[OPS-2] [OPS-3] operators see health, readiness and metrics', async () => {
  const { body } = await house.rest.get('/health');
  expect(Object.keys(body.checks).toSorted()).toEqual(['bus', 'database', 'publications', 'redis', 'stream']);
  expect((await house.rest.get('/health/simple')).status).toBe(200);
  expect((await house.rest.get('/ready')).body).toEqual({ ready: true });
  const { text } = await house.rest.get('/metrics');
  for (const name of [
    'http_requests_total',
    'http_request_duration_seconds',
    'redis_commands_total',
    'msg_write_total',
    'nodejs_eventloop_lag',
  ]) {
    expect(text).toContain(name);
  }
  expect(text).toContain('route="/v1/conversations/:cid"');
  expect(text).not.toContain(cid);
});
