import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from 'vitest';
import { tokenOf } from './credentials.ts';

const read = (headers: IncomingHttpHeaders, path = '/ws', origins: string[] = []) =>
  tokenOf({ headers: { host: 'chat.example', ...headers } }, new URL(path, 'http://x'), origins);

const cookie = 'a=b; mc_token=c.c.c; d=e';

test('[AUTH-13] the address comes first, then the header, the sub-protocol, the cookie', () => {
  const protocol = { 'sec-websocket-protocol': 'mc.v1.json, mc.token.p.p.p' };
  const header = { authorization: 'Bearer h.h.h' };
  expect(read({ ...header, ...protocol, cookie }, '/ws?token=u.u.u')).toBe('u.u.u');
  expect(read({ ...header, ...protocol, cookie })).toBe('h.h.h');
  expect(read({ ...protocol, cookie })).toBe('p.p.p');
  expect(read({ cookie })).toBe('c.c.c');
  expect(read({ authorization: 'Basic eDp5', 'sec-websocket-protocol': 'mc.v1.json', cookie: 'a=b' })).toBeUndefined();
});

test.each<[string, IncomingHttpHeaders, boolean]>([
  ['a page of the same host', { origin: 'https://chat.example' }, true],
  ['a page of another', { origin: 'https://evil.example' }, false],
  ['a page of a host that ends alike', { origin: 'https://evil-chat.example' }, false],
  ['another port', { origin: 'https://chat.example:8443' }, false],
  ['the same port', { origin: 'https://chat.example:8443', host: 'chat.example:8443' }, true],
  ['a page without an origin of its own', { origin: 'null' }, false],
  ['an origin that is none', { origin: 'chat.example' }, false],
  ['one that is allowed', { origin: 'https://app.example' }, true],
  ['a program', {}, true],
  ['a same-origin GET', { 'sec-fetch-site': 'same-origin' }, true],
  ['a cross-site GET', { 'sec-fetch-site': 'cross-site' }, false],
  ['a GET of a sister site', { 'sec-fetch-site': 'same-site' }, false],
])('[AUTH-13] the cookie counts or not: %s', (_, headers, counts) => {
  expect(read({ cookie, ...headers }, '/ws', ['https://app.example'])).toBe(counts ? 'c.c.c' : undefined);
});
