/** The guides of docs/develop.md, line by line, against a system. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HEADERS } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf } from '../support/account-place.ts';
import { tokenIn } from '../support/account-system.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { APP_URL, startSystem, type System } from '../support/system.ts';
import { type Example, examplesOf, fillIn, remember } from './examples.ts';

const [, guides] = readFileSync(join(import.meta.dirname, '../../docs/develop.md'), 'utf8').split('\n# Guides\n');
const USERS = ['ann', 'bob', 'eve'];
const examples = examplesOf(guides!, ['call', 'operator', 'backend', 'me', ...USERS]);

let system: System;
let mailServer: MailServer;
const known = new Map<string, string>();

beforeAll(async () => {
  mailServer = await startMailServer();
  const mail = { url: mailServer.url, from: 'MessageCore <chat@example.com>', appUrl: APP_URL };
  system = await startSystem({ gateways: 0, chatService: { mail } });
  const { adminKey } = await system.tenant();
  known.set('ADMIN_KEY', adminKey).set('IN_AN_HOUR', String(Date.now() + 3_600_000));
  const body = JSON.stringify({ name: 'Demo', subdomain: 'demo', plan: 'enterprise' });
  const created = await ask({ who: 'operator', method: 'POST', path: '/admin/v1/tenants', body });
  const { tenantId, apiKey } = JSON.parse(created.text) as { tenantId: string; apiKey: string };
  known.set('TENANT', tenantId).set('KEY', apiKey);
});
afterAll(async () => {
  await system.stop();
  await mailServer.stop();
});

function headersOf(who: string): Record<string, string> {
  if (who === 'call') return {};
  if (who === 'operator') return { [HEADERS.adminKey]: known.get('ADMIN_KEY')! };
  if (who === 'me') return { authorization: `Bearer ${known.get('TOKEN')}` };
  const key = { [HEADERS.apiKey]: known.get('KEY')! };
  return who === 'backend' ? key : { ...key, [HEADERS.onBehalfOf]: `ext:${who}` };
}

type Asked = Pick<Example, 'who' | 'method' | 'path' | 'body'> & Partial<Pick<Example, 'header'>>;

async function ask({ who, method, path, header, body }: Asked) {
  const [name = '', value = ''] = header?.split(': ') ?? [];
  const headers = { ...headersOf(who), 'content-type': 'application/json', ...(name !== '' && { [name]: value }) };
  const answer = await fetch(`${system.api}${path}`, { method, headers, ...(body !== undefined && { body }) });
  return { status: answer.status, text: await answer.text() };
}

/** What no answer says: it came by mail, or an app shows it. */
async function learn(body: string): Promise<void> {
  if (body.includes('$MAIL_TOKEN')) known.set('MAIL_TOKEN', tokenIn(await mailServer.mailTo('cy@example.com'))!);
  if (body.includes('$SIX_DIGITS')) known.set('SIX_DIGITS', codeOf(known.get('SECRET')!));
}

/** The first part that is not where it should be; undefined when all are. */
function missing(text: string, parts: readonly string[]): string | undefined {
  let at = 0;
  return parts.find((part) => {
    const found = text.indexOf(part, at);
    at = found + part.length;
    return found === -1;
  });
}

test('the guides have examples of every kind of caller', () => {
  expect(examples.length).toBeGreaterThan(60);
  expect(new Set(examples.map(({ who }) => who)).size).toBe(7);
});

test('each line of the guides is answered as they say', async () => {
  for (const example of examples) {
    const { line, status, parts, body } = example;
    await learn(body ?? '');
    const request = { ...example, path: fillIn(example.path, known), body: body && fillIn(body, known) };
    // What a job or a consumer does is done a moment later.
    const wanted = { line, status: status ?? expect.toBeOneOf([200, 201, 204]), missing: undefined };
    let text = '';
    const answered = async () => {
      const answer = await ask(request);
      text = answer.text;
      return { line, status: answer.status, missing: missing(text, parts) };
    };
    if (example.method === 'GET') await expect.poll(answered, { timeout: 60_000 }).toEqual(wanted);
    else expect({ ...(await answered()), text }).toEqual({ ...wanted, text });
    if (text.startsWith('{')) remember(known, JSON.parse(text));
  }
});
