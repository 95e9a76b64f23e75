import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reservePort } from '@messagecore/dev-servers';
import { expect, onTestFinished, test } from 'vitest';
import { startWeb } from './web.ts';

async function webAt(site: () => Promise<unknown> = async () => ({})) {
  const root = mkdtempSync(join(tmpdir(), 'messagecore-web-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'dist');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), 'page');
  writeFileSync(join(folder, 'assets/app-1a2b.js'), 'program');
  writeFileSync(join(root, 'secret.json'), 'secret');
  const web = await startWeb({ reserved: await reservePort(), folder, site, mails: () => 'a mail' });
  onTestFinished(() => web.stop());
  return web;
}

/** Paths as they are: `fetch` would tidy them up. */
function get(web: string, path: string, host = new URL(web).host): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ port: new URL(web).port, host: '127.0.0.1', path, headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asking.once('error', reject).end();
  });
}

test('files are served, and places inside the page lead to the page', async () => {
  const { url } = await webAt();
  for (const path of ['/', '/rooms/lounge', '/?user=alice']) {
    expect(await get(url, path)).toEqual({ status: 200, text: 'page' });
  }
  const asset = await fetch(`${url}/assets/app-1a2b.js`);
  expect(await asset.text()).toBe('program');
  expect(asset.headers.get('content-type')).toContain('javascript');
  expect(asset.headers.get('cache-control')).toContain('immutable');
});

test.each(['/none.js', '/../secret.json', '/..%2fsecret.json', '/%2e%2e/secret.json', '/%ff.json', '/%00.json'])(
  '%s leads nowhere',
  async (path) => {
    const { url } = await webAt();
    expect((await get(url, path)).status).toBe(404);
  },
);

test('sign-ins are for pages of this host alone', async () => {
  const { url } = await webAt(async () => ({ users: ['alice'] }));
  expect(await get(url, '/site.json')).toEqual({ status: 200, text: '{"users":["alice"]}' });
  expect((await get(url, '/site.json', 'elsewhere.example')).status).toBe(403);
});

test('mails are for pages of this host alone', async () => {
  const { url } = await webAt();
  expect(await get(url, '/mails')).toEqual({ status: 200, text: 'a mail' });
  expect((await get(url, '/mails', 'elsewhere.example')).status).toBe(403);
});

test('while the API cannot make sign-ins, that is said', async () => {
  const { url } = await webAt(() => Promise.reject(new Error('the API is away')));
  expect(await get(url, '/site.json')).toEqual({ status: 503, text: 'the API is away\n' });
});
