/** Endpoints of tenants: who names them, and what requests to them carry (ENDP). A translation is what they are asked for. */
import type { EndpointWithSecret } from '@messagecore/protocol/features';
import { call, must, newMid } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HookServer, signedBy, startHookServer } from '../support/hook-server.ts';
import { newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let hooks: HookServer;

beforeAll(async () => {
  hooks = await startHookServer();
  system = await startSystem({ limits: 'load', chatService: { endpointExemptNetworks: ['127.0.0.1/32'] } });
});
afterAll(async () => {
  await system.stop();
  await hooks.stop();
});

type Place = Pick<Room<'ann' | 'bob'>, 'tenant' | 'users' | 'cid'>;

const at = (path: string, host = '127.0.0.1') => `http://${host}:${hooks.port}${path}`;
const urlOf = (rest = '') => `${system.api}/v1/tenant/endpoints${rest}`;
const set = (headers: Record<string, string>, url: string, use = 'translations') =>
  call<EndpointWithSecret & { code?: string }>('PUT', urlOf(`/${use}`), { headers, body: { url } });
const rotate = (headers: Record<string, string>, overlapHours: number) =>
  must<EndpointWithSecret>('POST', urlOf('/translations/rotate'), { headers, body: { overlapHours } });

/** Has a new message translated: a request to the endpoint for each. */
async function ask({ users, cid }: Place) {
  const url = `${system.api}/v1/conversations/${cid}/messages`;
  const body = { mid: newMid(), kind: 'text', body: { text: 'hello' } };
  const { seq } = await must<{ seq: number }>('POST', url, { headers: users.ann.auth, body });
  return call('POST', `${url}/${seq}/translations`, { headers: users.bob.auth, body: { to: 'fr' } });
}

test('[ENDP-1] admins and the back end name endpoints, over TLS, and nobody else does', async () => {
  const { tenant, users } = await newRoom(system, 'ann', 'bob');
  const made = await set(tenant.backEnd, at('/own'));
  expect([made.status, made.body]).toMatchObject([
    200,
    { use: 'translations', url: at('/own'), previousSecretUntil: null },
  ]);
  expect((await set(users.ann.auth, at('/ann'))).body.code).toBe('forbidden');
  for (const url of [
    'ftp://example.com/',
    'https://ann:secret@example.com/',
    'example',
    `https://e.com/${'x'.repeat(2_000)}`,
  ]) {
    expect([url, (await set(tenant.backEnd, url)).body.code]).toEqual([url, 'bad_request']);
  }
  expect((await set(tenant.backEnd, at('/own'), 'others')).body.code).toBe('bad_request');
  const list = (headers: Record<string, string>) => must<{ items: object[] }>('GET', urlOf(), { headers });
  const { items } = await list(tenant.backEnd);
  expect(items).toEqual([expect.not.objectContaining({ secret: expect.anything() })]);
  expect(JSON.stringify(items)).not.toContain('mcs_');
  expect((await list((await system.tenant()).backEnd)).items).toEqual([]);
  for (const _ of [1, 2]) await must('DELETE', urlOf('/translations'), { headers: tenant.backEnd });
  expect((await list(tenant.backEnd)).items).toEqual([]);
});

test('[ENDP-1] without networks that the operator has opened, http is refused', async () => {
  const other = await system.addChatService({ endpointExemptNetworks: [] });
  const { backEnd } = await system.tenant();
  const put = (url: string) =>
    call<{ code?: string }>('PUT', `${other.url}/v1/tenant/endpoints/cards`, { headers: backEnd, body: { url } });
  expect((await put(at('/clear'))).body).toMatchObject({ code: 'bad_request', errors: [{ path: 'url' }] });
  expect((await put('https://example.com/')).status).toBe(200);
});

test('[ENDP-2] [ENDP-3] requests are signed with the secret, and after a rotation with both for a while', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { backEnd } = room.tenant;
  const path = '/signed';
  hooks.answer(path, () => ({ body: { text: 'bonjour' } }));
  const { secret: first } = (await set(backEnd, at(path))).body;
  expect(first).toMatch(/^mcs_[\w-]{43}$/);
  expect((await ask(room)).body).toMatchObject({ text: 'bonjour' });
  const asked = await hooks.next(path);
  expect([signedBy(asked, [first!]), signedBy({ ...asked, text: `${asked.text} ` }, [first!])]).toEqual([[0], [-1]]);
  const seconds = Number(/^t=(\d+),/.exec(String(asked.headers['messagecore-signature']))?.[1]);
  expect(Math.abs(seconds - Date.now() / 1_000)).toBeLessThan(300);
  expect(asked.headers['content-type']).toBe('application/json');

  expect((await set(backEnd, at(path))).body.secret).toBeNull();
  const { secret: second, previousSecretUntil } = await rotate(backEnd, 1);
  expect(previousSecretUntil).toBeGreaterThan(Date.now());
  await ask(room);
  expect(signedBy(await hooks.next(path, 2), [first!, second!])).toEqual([1, 0]);
  const { secret: third } = await rotate(backEnd, 0);
  await ask(room);
  expect(signedBy(await hooks.next(path, 3), [first!, second!, third!])).toEqual([2]);
  const log = await system.sql`select action, before, after from audit_log where tenant_id = ${room.tid}`;
  expect(log.map(({ action }) => action)).toEqual(expect.arrayContaining(['set_endpoint', 'rotate_endpoint_secret']));
  const rows = await system.sql`select e::text as row from tenant_endpoints e where tenant_id = ${room.tid}`;
  for (const secret of [first!, second!, third!]) expect(JSON.stringify([log, rows])).not.toContain(secret);
});

test('[ENDP-4] private addresses are not asked, and redirects not followed', async () => {
  const room = await newRoom(system, 'ann', 'bob');
  const { backEnd } = room.tenant;
  for (const host of ['127.0.0.2', '[::1]', 'localhost.localdomain', '10.0.0.1', '169.254.169.254']) {
    await set(backEnd, at('/private', host));
    expect([host, (await ask(room)).body]).toMatchObject([host, { code: 'unavailable' }]);
  }
  hooks.answer('/moved', () => ({ status: 307, headers: { location: at('/private') } }));
  await set(backEnd, at('/moved'));
  expect((await ask(room)).body).toMatchObject({ code: 'unavailable' });
  expect([hooks.asked('/moved').length, hooks.asked('/private')]).toEqual([1, []]);
});

test('[ENDP-4] an endpoint that does not answer suspends that tenant alone, though another names the same host', async () => {
  const [bad, good] = [await newRoom(system, 'ann', 'bob'), await newRoom(system, 'ann', 'bob')];
  hooks.answer('/broken', () => 'drop');
  hooks.answer('/good', () => ({ body: { text: 'bien' } }));
  await set(bad.tenant.backEnd, at('/broken'));
  await set(good.tenant.backEnd, at('/good'));
  for (const _ of range(1, 7)) expect((await ask(bad)).body).toMatchObject({ code: 'unavailable' });
  expect(hooks.asked('/broken')).toHaveLength(5);
  expect((await ask(good)).body).toMatchObject({ text: 'bien' });
});
