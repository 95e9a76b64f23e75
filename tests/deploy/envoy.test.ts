/**
 * The real Envoy with the real configuration, in front of two gateways and two chat-services: only addresses and ports are
 * replaced. Left out where Envoy is not installed.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, waitUntil } from '@messagecore/dev-servers';
import { call, newMid, RawClient, SseClient } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { fill, newRoom, range, type Room } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

const configuration = readFileSync(join(import.meta.dirname, '../../deploy/envoy/envoy.yaml'), 'utf8');

function hasEnvoy(): boolean {
  try {
    execFileSync('envoy', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const NEEDS_ENVOY = hasEnvoy() ? '' : ' (left out: there is no envoy on this machine)';

interface Placed {
  /** Addresses of the services, by their names in docker-compose.yml. */
  readonly services: readonly (readonly [string, string])[];
  readonly port: number;
  readonly insidePort: number;
}

/** The configuration with this machine's addresses instead of names. */
function placed({ services, port, insidePort }: Placed): string {
  let text = configuration
    .replace('address: 0.0.0.0, port_value: 8080', `address: 127.0.0.1, port_value: ${port}`)
    .replace('address: 0.0.0.0, port_value: 8081', `address: 127.0.0.1, port_value: ${insidePort}`);
  for (const [name, url] of services) {
    const { hostname, port: own } = new URL(url);
    expect(text).toContain(`address: ${name}, port_value: 8080`);
    text = text.replace(`address: ${name}, port_value: 8080`, `address: ${hostname}, port_value: ${own}`);
  }
  return text;
}

/** Returns what stops it. */
async function startEnvoy(dir: string, text: string, front: string): Promise<() => Promise<void>> {
  const [file, outputFile] = [join(dir, 'envoy.yaml'), join(dir, 'output')];
  writeFileSync(file, text);
  execFileSync('envoy', ['--mode', 'validate', '-c', file], { stdio: 'ignore' });
  const output = openSync(outputFile, 'w');
  const args = ['-c', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'warn'];
  const envoy: ChildProcess = spawn('envoy', args, { stdio: ['ignore', output, output] });
  closeSync(output);
  await waitUntil('Envoy', async () => {
    if (envoy.exitCode !== null) throw new Error(readFileSync(outputFile, 'utf8'));
    return (await fetch(`${front}/health/simple`).catch(() => undefined))?.ok === true;
  });
  return async () => {
    envoy.kill('SIGTERM');
    if (envoy.exitCode === null) await once(envoy, 'exit');
  };
}

describe.runIf(hasEnvoy())(`Envoy${NEEDS_ENVOY}`, () => {
  let system: System;
  let room: Room<'ann' | 'bob'>;
  let stop: (() => Promise<void>) | undefined;
  let front: string;
  /** The operator's port. */
  let inside: string;
  let dir: string;
  const log = () => readFileSync(join(dir, 'output'), 'utf8');

  beforeAll(async () => {
    system = await startSystem({ gateways: 2, chatServices: 2 });
    room = await newRoom(system, 'ann', 'bob');
    dir = mkdtempSync(join(tmpdir(), 'messagecore-envoy-'));
    const [port, insidePort] = [await freePort(), await freePort()];
    front = `http://127.0.0.1:${port}`;
    inside = `http://127.0.0.1:${insidePort}`;
    const services = [
      ...system.gateways.map(({ url }, i) => [`gateway-${i + 1}`, url] as const),
      ...system.chatServices.map(({ url }, i) => [`chat-service-${i + 1}`, url] as const),
    ];
    stop = await startEnvoy(dir, placed({ services, port, insidePort }), front);
  });
  afterAll(async () => {
    await stop?.();
    await system?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const open = (token: string, path = '/ws') => RawClient.open({ url: `${front.replace('http', 'ws')}${path}`, token });

  test('carries WebSocket sessions to both gateways, also of an address that ends in a slash', async () => {
    const clients = await Promise.all(
      range(1, 12).map((n) => open(room.users.bob.token, n % 2 === 0 ? '/ws' : '/ws/')),
    );
    for (const client of clients) await client.join(room.cid);
    const ann = await open(room.users.ann.token);
    const seq = await ann.sayAndWait(room.cid, 'through Envoy');
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

  test('carries the REST API, directories and keys, and nothing of the inside', async () => {
    const { cid, users, tenant } = room;
    const body = { mid: newMid(), kind: 'text', body: { text: 'by REST' } };
    const path = `${front}/v1/conversations/${cid}/messages`;
    expect((await call('POST', path, { headers: users.ann.auth, body })).status).toBe(201);
    const alias = { cid, mid: newMid(), kind: 'text', body: { text: 'by the alias' } };
    expect((await call('POST', `${front}/send`, { headers: users.ann.auth, body: alias })).status).toBe(201);
    const directory = `${front}/${['scim', 'v2', 'Users'].join('/')}`;
    expect((await fetch(directory, { headers: { authorization: `Bearer ${tenant.apiKey}` } })).status).toBe(200);
    expect((await fetch(`${front}/.well-known/jwks.json`)).status).toBe(200);
    const contracts = ['/docs/', '/openapi.json', '/asyncapi.json'];
    const inner = ['/metrics', '/health', '/ready', ...contracts, '/admin/v1/tenants', '/admin/v1/'];
    for (const each of [...inner, '/v1/../admin/v1/tenants'])
      expect((await fetch(front + each)).status, each).toBe(404);
    // Ways around the rules for paths.
    for (const each of ['/v1/%2e%2e/admin/v1/tenants', '/v1/..%2fadmin/v1/tenants'])
      expect([400, 404], each).toContain((await fetch(front + each)).status);
  });

  test('refuses what is too large before it has all come', async () => {
    const text = 'x'.repeat(2 * 1024 ** 2);
    const { status } = await fetch(`${front}/send`, { method: 'POST', body: text, headers: room.users.ann.auth });
    expect(status).toBe(413);
  });

  test('carries the operator’s routes on a port of their own', async () => {
    const headers = { 'x-admin-key': room.tenant.adminKey };
    expect((await fetch(`${inside}/admin/v1/tenants`, { headers })).status).toBe(200);
    for (const path of ['/docs/', '/openapi.json', '/asyncapi.json'])
      expect((await fetch(inside + path)).status, path).toBe(200);
    expect((await fetch(`${inside}/v1/conversations`, { headers: room.users.ann.auth })).status).toBe(404);
  });

  test('goes on when a gateway goes', async () => {
    const { cid, users } = room;
    const client = await open(users.bob.token);
    const { head } = await client.join(cid);
    const drained = system.gateways[0]!.drain();
    // It has the fewest sessions now, so Envoy would give it every new one, until it has asked twice how it is.
    const moved = await Promise.all(range(1, 50).map(() => open(users.bob.token)));
    for (const it of moved) it.cut();
    await drained;
    const ann = await open(users.ann.token);
    const last = await fill(ann, cid, 10);
    const back = client.record.of('bye').length > 0 ? await open(users.bob.token) : client;
    if (back !== client) await back.join(cid, { since: head });
    await back.record.next('message', { cid, seq: last });
    expect(back.record.seqs(cid)).toEqual(range(head + 1, last));
    for (const it of [ann, client, back]) it.cut();
  });

  test('goes on when a chat-service goes', async () => {
    await system.chatServices[0]!.stop();
    const { ann, bob } = room.users;
    // A chat-service refuses more than 16 reads of one user at once.
    const asked = range(1, 10).flatMap(() => [ann, bob]);
    const statuses = await Promise.all(
      asked.map(async ({ auth: headers }) => (await call('GET', `${front}/v1/users/me`, { headers })).status),
    );
    expect(statuses).toEqual(statuses.map(() => 200));
  });

  test('writes the client’s address and no token into its log', async () => {
    await waitUntil('the log', () => log().includes('"GET /ws"'));
    expect(log()).toMatch(/^127\.0\.0\.1 /m);
    expect(log()).not.toContain(room.users.ann.token);
    expect(log()).not.toContain('token=');
  });

  test('an address begins so many requests a second, and names itself to nobody', async () => {
    const upstream = createServer((request, response) => response.end(JSON.stringify(request.headers)));
    await once(upstream.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void upstream.close());
    const address = `http://127.0.0.1:${(upstream.address() as { port: number }).port}`;
    const folder = mkdtempSync(join(tmpdir(), 'messagecore-envoy-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [port, insidePort] = [await freePort(), await freePort()];
    const names = ['gateway-1', 'gateway-2', 'chat-service-1', 'chat-service-2'];
    const text = placed({ services: names.map((name) => [name, address] as const), port, insidePort });
    const bucket = 'max_tokens: 2000, tokens_per_fill: 1000, fill_interval: 1s';
    expect(text).toContain(bucket);
    const tight = text.replace(bucket, 'max_tokens: 3, tokens_per_fill: 1, fill_interval: 3600s');
    const url = `http://127.0.0.1:${port}`;
    onTestFinished(await startEnvoy(folder, tight, url));
    const ask = (forwarded: string) => fetch(`${url}/v1/users/me`, { headers: { 'x-forwarded-for': forwarded } });
    const first = await ask('203.0.113.7');
    expect(await first.json()).toMatchObject({ 'x-forwarded-for': '127.0.0.1', host: `127.0.0.1:${port}` });
    const statuses = [first.status];
    for (const n of range(1, 5)) statuses.push((await ask(`203.0.113.${n}`)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429]);
  });
});
