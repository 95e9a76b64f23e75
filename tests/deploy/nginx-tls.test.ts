/** nginx with deploy/nginx/nginx-tls.conf and certificates of an authority of its own. Left out where nginx is not installed. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { join } from 'node:path';
import { connect, type ConnectionOptions } from 'node:tls';
import { waitUntil } from '@messagecore/dev-servers';
import { newMid, RawClient, SseClient } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { REPOSITORY } from '../support/compose.ts';
import { hasNginx, NEEDS_NGINX, type Nginx, startNginx } from '../support/nginx.ts';
import { newRoom, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, with what came twice. */
  readonly raw: readonly string[];
}

describe.runIf(hasNginx)(`nginx over TLS${NEEDS_NGINX}`, () => {
  let system: System;
  let room: Room<'ann' | 'bob'>;
  let certificates: Certificates;
  let nginx: Nginx;

  beforeAll(async () => {
    system = await startSystem({ gateways: 2, chatServices: 2 });
    room = await newRoom(system, 'ann', 'bob');
    certificates = makeCertificates('localhost', 'chat.example.com');
    nginx = await startNginx({
      system,
      file: 'nginx-tls.conf',
      replaced: {
        '/run/secrets/nginx_certificate': certificates.file('nginx.crt'),
        '/run/secrets/nginx_key': certificates.file('nginx.key'),
      },
    });
  });
  afterAll(async () => {
    await nginx?.stop();
    certificates?.remove();
    await system?.stop();
  });

  const address = (scheme: 'https' | 'wss') => `${scheme}://localhost:${nginx.ports[8443]}`;
  const open = (token: string) => RawClient.open({ url: `${address('wss')}/ws`, token, ca: certificates.ca });

  async function ask(method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<Answer> {
    const asked = request(address('https') + path, { method, headers, ca: certificates.ca });
    asked.end(body);
    const [answer] = await once(asked, 'response');
    answer.resume();
    return { status: answer.statusCode, headers: answer.headers, raw: answer.rawHeaders };
  }

  /** The version that is agreed upon. Rejects when none is, or when the certificate is not trusted. */
  async function handshake(options: ConnectionOptions): Promise<string | null> {
    const socket = connect({ host: '127.0.0.1', port: nginx.ports[8443], servername: 'localhost', ...options });
    try {
      await once(socket, 'secureConnect');
      return socket.getProtocol();
    } finally {
      socket.destroy();
    }
  }

  test('carries WebSocket sessions and event streams', async () => {
    const { cid, users } = room;
    const bob = await open(users.bob.token);
    await bob.join(cid);
    const url = `${address('https')}/sse`;
    const stream = await SseClient.start({ url, token: users.bob.token, from: [{ cid }], ca: certificates.ca });
    await stream.record.next('joined', { cid });
    const ann = await open(users.ann.token);
    for (const text of ['one', 'two', 'three']) {
      const seq = await ann.sayAndWait(cid, text);
      await bob.record.next('message', { cid, seq });
      await stream.record.next('message', { cid, seq });
    }
    stream.close();
    for (const client of [ann, bob]) client.cut();
  });

  test('carries the REST API, and says once that browsers shall come by TLS alone', async () => {
    const body = JSON.stringify({ mid: newMid(), kind: 'text', body: { text: 'by REST' } });
    const headers = { ...room.users.ann.auth, 'content-type': 'application/json' };
    const sent = await ask('POST', `/v1/conversations/${room.cid}/messages`, headers, body);
    expect(sent.status).toBe(201);
    for (const answer of [sent, await ask('GET', '/health/simple'), await ask('GET', '/nowhere')]) {
      const said = answer.raw.filter((_, i) => answer.raw[i - 1]?.toLowerCase() === 'strict-transport-security');
      expect(said).toEqual(['max-age=63072000']);
    }
    expect((await ask('GET', '/metrics')).status).toBe(404);
    expect((await ask('GET', '/admin/v1/tenants')).status).toBe(404);
  });

  test('carries what browsers ask for by HTTP/2, an event stream and calls over one connection', async () => {
    const { cid, users } = room;
    const session = connectHttp2(address('https'), { ca: certificates.ca });
    const query = new URLSearchParams({ token: users.bob.token, cid });
    const stream = session.request({ ':path': `/sse?${query.toString()}`, accept: 'text/event-stream' });
    let events = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => (events += chunk));
    await waitUntil('the stream', () => events.includes('joined'));
    const call = session.request({ ':path': '/v1/users/me', ...users.bob.auth });
    const [head] = (await once(call.resume(), 'response')) as [Record<string, unknown>];
    expect(head).toMatchObject({ ':status': 200, 'strict-transport-security': 'max-age=63072000' });
    const ann = await open(users.ann.token);
    await ann.sayAndWait(cid, 'over one connection');
    await waitUntil('the message', () => events.includes('over one connection'));
    ann.cut();
    session.destroy();
  });

  test('leads from plain HTTP to it, and carries nothing there', async () => {
    const plain = `http://localhost:${nginx.ports[8080]}`;
    for (const method of ['GET', 'POST']) {
      const answer = await fetch(`${plain}/v1/users/me?a=1`, { method, redirect: 'manual' });
      expect([answer.status, answer.headers.get('location')]).toEqual([308, 'https://localhost/v1/users/me?a=1']);
    }
    const refused = new RawClient({ url: `${plain.replace('http', 'ws')}/ws`, token: room.users.ann.token });
    await expect(refused.opened()).rejects.toThrow('308');
    expect((await fetch(`${plain}/health/simple`)).status).toBe(200);
  });

  test('keeps the operator’s routes on their own port', async () => {
    const headers = { 'x-admin-key': room.tenant.adminKey };
    const inside = `http://127.0.0.1:${nginx.ports[8081]}`;
    expect((await fetch(`${inside}/admin/v1/tenants`, { headers })).status).toBe(200);
  });

  test('speaks TLS 1.2 and 1.3 and nothing older, under its names alone', async () => {
    const { ca } = certificates;
    expect(await handshake({ ca })).toBe('TLSv1.3');
    expect(await handshake({ ca, servername: 'chat.example.com' })).toBe('TLSv1.3');
    expect(await handshake({ ca, maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
    // Node's own ciphers would not do for it either.
    const older: ConnectionOptions = { ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };
    await expect(handshake(older)).rejects.toThrow(/alert protocol version|unsupported protocol/);
    await expect(handshake({ ca, maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' })).rejects.toThrow(/handshake failure/);
    await expect(handshake({})).rejects.toThrow(/certificate/);
    await expect(handshake({ ca, servername: 'elsewhere.example.com' })).rejects.toThrow(/does not match/);
  });

  test('says no header of its own in a place where that of the server would be lost', () => {
    const text = readFileSync(join(REPOSITORY, 'deploy/nginx/front.conf'), 'utf8');
    expect(text).not.toContain('add_header');
    expect(text).not.toContain('proxy_hide_header');
  });
});
