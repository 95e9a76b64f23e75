/** nginx in front of two gateways and two chat-services. Left out where nginx is not installed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '@messagecore/dev-servers';
import { call, newMid, RawClient, SseClient } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fill, newRoom, range, type Room } from '../support/room.ts';
import { REPOSITORY } from '../support/compose.ts';
import { hasNginx, NEEDS_NGINX, type Nginx, startNginx } from '../support/nginx.ts';
import { startSystem, type System } from '../support/system.ts';

const read = (file: string) => readFileSync(join(REPOSITORY, 'deploy/nginx', file), 'utf8');

describe.runIf(hasNginx)(`nginx${NEEDS_NGINX}`, () => {
  let system: System;
  let room: Room<'ann' | 'bob'>;
  let nginx: Nginx;
  let front: string;
  /** The operator's port. */
  let inside: string;

  beforeAll(async () => {
    system = await startSystem({ gateways: 2, chatServices: 2 });
    room = await newRoom(system, 'ann', 'bob');
    // The lines for another proxy in front, with this machine as that proxy.
    const proxy = Object.fromEntries(
      [...read('http.conf').matchAll(/^# {3}((?:set_real_ip_from|real_ip_\w+) .*)$/gm)].map(([line, directive]) => [
        line,
        directive!.replace('10.0.0.0/8', '127.0.0.1'),
      ]),
    );
    if (Object.keys(proxy).length !== 3) throw new Error('the lines for a proxy in front are not in http.conf');
    nginx = await startNginx({ system, file: 'nginx.conf', replaced: proxy });
    front = `http://127.0.0.1:${nginx.ports[8080]}`;
    inside = `http://127.0.0.1:${nginx.ports[8081]}`;
  });
  afterAll(async () => {
    await nginx?.stop();
    await system.stop();
  });

  const open = (token: string) => RawClient.open({ url: `${front.replace('http', 'ws')}/ws`, token });

  test('carries WebSocket sessions to both gateways', async () => {
    const clients = await Promise.all(range(1, 6).map(() => open(room.users.bob.token)));
    for (const client of clients) await client.join(room.cid);
    const ann = await open(room.users.ann.token);
    const seq = await ann.sayAndWait(room.cid, 'through nginx');
    for (const client of clients) await client.record.next('message', { cid: room.cid, seq });
    for (const { url } of system.gateways) {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(Number(/^ws_conn_active(?:\{[^}]*\})? (\d+)/m.exec(metrics)?.[1])).toBeGreaterThan(0);
    }
    for (const client of [...clients, ann]) client.cut();
  });

  test('passes on each event of a stream as it comes', async () => {
    const { cid, users } = room;
    const bob = await SseClient.start({ url: `${front}/sse`, token: users.bob.token, from: [{ cid }] });
    await bob.record.next('joined', { cid });
    const ann = await open(users.ann.token);
    for (const i of range(1, 5)) {
      const seq = await ann.sayAndWait(cid, `event ${i}`);
      await bob.record.next('message', { cid, seq });
    }
    bob.close();
    ann.cut();
  });

  test('carries the REST API, and nothing of the inside', async () => {
    const { cid, users } = room;
    const sent = await call('POST', `${front}/v1/conversations/${cid}/messages`, {
      headers: users.ann.auth,
      body: { mid: newMid(), kind: 'text', body: { text: 'by REST' } },
    });
    expect(sent.status).toBe(201);
    const body = { cid, mid: newMid(), kind: 'text', body: { text: 'by the alias' } };
    expect((await call('POST', `${front}/send`, { headers: users.ann.auth, body })).status).toBe(201);
    const contracts = ['/docs/', '/openapi.json', '/asyncapi.json'];
    const inner = ['/metrics', '/health', '/ready', ...contracts, '/admin/v1/tenants', '/admin/v1/'];
    for (const path of inner) expect((await fetch(front + path)).status, path).toBe(404);
  });

  test('[ACC-3] carries what directories say, and the keys that tokens are checked with', async () => {
    const path = `${front}/${['scim', 'v2', 'Users'].join('/')}`;
    expect((await fetch(path)).status).toBe(401);
    expect((await fetch(path, { headers: { authorization: `Bearer ${room.tenant.apiKey}` } })).status).toBe(200);
    const keys = await fetch(`${front}/.well-known/jwks.json`);
    expect([keys.status, await keys.json()]).toEqual([200, { keys: [] }]);
  });

  test('carries the operator’s routes on a port of their own', async () => {
    const headers = { 'x-admin-key': room.tenant.adminKey };
    expect((await fetch(`${inside}/admin/v1/tenants`, { headers })).status).toBe(200);
    for (const path of ['/docs/', '/openapi.json', '/asyncapi.json'])
      expect((await fetch(inside + path)).status, path).toBe(200);
    expect((await fetch(`${inside}/v1/conversations`, { headers: room.users.ann.auth })).status).toBe(404);
  });

  test('takes an address that ends in a slash', async () => {
    const client = await RawClient.open({ url: `${front.replace('http', 'ws')}/ws/`, token: room.users.bob.token });
    expect(client.frames[0]?.t).toBe('ready');
    client.cut();
  });

  test('believes a proxy in front about the client, with or without a port', async () => {
    for (const named of ['203.0.113.7', '203.0.113.8:51320', '[2001:db8::9]:51320']) {
      await fetch(`${front}/v1/users/me`, { headers: { ...room.users.ann.auth, 'x-forwarded-for': named } });
    }
    for (const address of ['203.0.113.7 ', '203.0.113.8 ', '2001:db8::9 ']) {
      await waitUntil(`${address} in the log`, () => nginx.log().includes(`\n${address}`));
    }
  });

  test('[LAG-6] answers that are not read are kept in no files, and an address has so many connections', () => {
    expect(read('http.conf')).toMatch(/^proxy_max_temp_file_size 0;$/m);
    expect(read('http.conf')).toMatch(/^send_timeout 10s;$/m);
    const open = [...read('front.conf').matchAll(/location ([^{]+) \{([^}]*)\}/g)].map(([, path, body]) => ({
      path,
      body: body!,
    }));
    const passing = open.filter(({ body }) => body.includes('proxy_pass'));
    expect(passing.map(({ path }) => path)).toEqual([
      ...['~ ^/ws/?$', '~ ^/sse/?$', '/v1/', '= /send', '/scim/v2/', '= /.well-known/jwks.json'],
    ]);
    for (const { path, body } of passing) expect(body, path).toMatch(/limit_conn \w+ \d+;/);
  });

  test('goes on when a gateway goes', async () => {
    const { cid, users } = room;
    const client = await open(users.bob.token);
    const { head } = await client.join(cid);
    const drained = system.gateways.map((gateway, i) => (i === 0 ? gateway.drain() : Promise.resolve()));
    await Promise.all(drained);
    const ann = await open(users.ann.token);
    const last = await fill(ann, cid, 10);
    const back = client.record.of('bye').length > 0 ? await open(users.bob.token) : client;
    if (back !== client) await back.join(cid, { since: head });
    await back.record.next('message', { cid, seq: last });
    expect(back.record.seqs(cid)).toEqual(range(head + 1, last));
    for (const it of [ann, client, back]) it.cut();
  });

  test('writes no token into its log', async () => {
    await waitUntil('the log', () => nginx.log().includes('"GET /ws"'));
    expect(nginx.log()).not.toContain(room.users.ann.token);
    expect(nginx.log()).not.toContain('token=');
  });
});
