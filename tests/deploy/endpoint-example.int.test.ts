/** The server of docs/develop.md believes what is signed, and nothing else (ENDP-3). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { EndpointWithSecret } from '@messagecore/protocol/features';
import { call, must, newMid } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

const guide = readFileSync(join(import.meta.dirname, '../../docs/develop.md'), 'utf8');
const [, example] = /```js\n(import \{ createHmac[\s\S]*?)```/.exec(guide) ?? [];

let system: System;
let server: ChildProcess | undefined;

beforeAll(async () => {
  system = await startSystem({ gateways: 0, chatService: { endpointExemptNetworks: ['127.0.0.1/32'] } });
});
afterAll(async () => {
  server?.kill();
  await system.stop();
});

async function freePort(): Promise<number> {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  taken.close();
  await once(taken, 'close');
  return port;
}

const post = (url: string, headers: Record<string, string>) =>
  fetch(url, { method: 'POST', headers, body: '{"type":"translation","text":"hi","to":"fr"}' });

test('[ENDP-3] the example answers the service, and 401 to everybody else', async () => {
  const { tenant, users, cid } = await newRoom(system, 'ann', 'bob');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const { secret } = await must<EndpointWithSecret>('PUT', `${system.api}/v1/tenant/endpoints/translations`, {
    headers: tenant.backEnd,
    body: { url },
  });
  const env = { SECRET: secret!, PORT: String(port) };
  server = spawn(process.execPath, ['--input-type=module', '--eval', example!], { env, stdio: 'inherit' });
  const status = (headers = {}) =>
    post(url, headers).then(
      ({ status }) => status,
      () => undefined,
    );
  await vi.waitUntil(async () => (await status()) === 401, { timeout: 60_000 });
  const now = Math.floor(Date.now() / 1_000);
  for (const signature of [`t=${now}`, `t=${now},v1=00`, `t=${now},v1=${'0'.repeat(64)}`, 'v1=x', 't=x,v1=x']) {
    expect([signature, await status({ 'messagecore-signature': signature })]).toEqual([signature, 401]);
  }
  const messages = `${system.api}/v1/conversations/${cid}/messages`;
  const message = { mid: newMid(), kind: 'text', body: { text: 'Größe 📱' } };
  const { seq } = await must<{ seq: number }>('POST', messages, { headers: users.ann.auth, body: message });
  const answer = await call('POST', `${messages}/${seq}/translations`, { headers: users.bob.auth, body: { to: 'fr' } });
  expect(answer.body).toMatchObject({ text: 'Größe 📱, in fr', from: 'en' });
});
