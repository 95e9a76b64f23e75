import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestService, type TestService } from './service.ts';
import { createTestTenant } from './people.ts';

let house: TestService;
beforeAll(async () => {
  house = await startTestService();
});
afterAll(() => house.stop());

describe('tenants', () => {
  test('create', async () => {
    const { status, body } = await house.operator.post('/admin/v1/tenants', { name: 'Acme', subdomain: 'acme' });
    console.log(status, body);
    const t = await createTestTenant(house);
    const a = await t.user('alice');
    const b = await t.user('bob');
    console.log((await a.get('/v1/users/me')).body);
    const dm = await a.post('/v1/conversations', { kind: 'dm', participants: ['ext:bob'] });
    console.log(dm.status, dm.body);
    const g = await a.post('/v1/conversations', {
      kind: 'public',
      name: 'x',
      participants: ['ext:bob'],
      metadata: { a: 1 },
    });
    console.log(g.status, g.body);
    const c = await t.user('carol');
    console.log((await c.post(`/v1/conversations/${g.body.cid}/join`)).body);
    console.log(JSON.stringify((await a.get(`/v1/conversations`)).body));
    console.log(JSON.stringify((await a.get(`/v1/conversations/${g.body.cid}/messages`)).body));
    console.log(JSON.stringify((await a.get(`/v1/conversations/${g.body.cid}/participants`)).body));
    console.log(JSON.stringify((await a.get(`/v1/nope`)).body));
    console.log(JSON.stringify((await a.patch(`/v1/users`, {})).body));
    console.log(JSON.stringify((await a.post(`/v1/conversations`, { kind: 'zip', participants: ['q'] })).body));
    console.log(JSON.stringify((await house.rest.get(`/openapi.json`)).body).length);
    console.log((await house.rest.get(`/docs`)).text.slice(0, 300));
    console.log((await house.rest.get(`/health`)).text.slice(0, 300));
    expect(status).toBe(201);
  });
});
