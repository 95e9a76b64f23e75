import { afterEach, expect, test, vi } from 'vitest';
import { apiAddress, httpBeside, segment, webSocketAddress } from './addresses.ts';
import { settingsOf } from './options.ts';

afterEach(() => vi.unstubAllGlobals());

test.each([
  ['wss://example.com/ws', 'https://example.com'],
  ['ws://example.com:8080/ws/', 'http://example.com:8080'],
  ['wss://example.com/chat/ws', 'https://example.com/chat'],
  ['wss://example.com/a/b/ws?shard=1', 'https://example.com/a/b'],
  ['wss://example.com/socket', 'https://example.com/socket'],
])('HTTP beside %s is at %s', (gateway, http) => {
  expect(httpBeside(gateway)).toBe(http);
});

test('in a page, addresses may be relative', () => {
  vi.stubGlobal('location', { href: 'https://example.com/app/index.html' });
  expect(webSocketAddress('/chat/ws')).toBe('wss://example.com/chat/ws');
  expect(webSocketAddress('ws')).toBe('wss://example.com/app/ws');
  expect(webSocketAddress('https://other.example.com/ws')).toBe('wss://other.example.com/ws');
  expect(apiAddress('/chat/')).toBe('https://example.com/chat');
  const settings = settingsOf({ url: '/chat/ws', token: 'x', clientId: 'c' });
  expect([settings.urls, settings.api]).toEqual([['wss://example.com/chat/ws'], 'https://example.com/chat']);
});

test('elsewhere a relative address is a mistake, and so is none', () => {
  const options = { token: 'x', clientId: 'c' };
  expect(() => settingsOf({ ...options, url: '/ws' })).toThrow('no address');
  expect(() => settingsOf({ ...options, url: [] })).toThrow('names no gateway');
});

test('without a WebSocket of the platform SSE is used, and asking for WebSocket is a mistake', () => {
  vi.stubGlobal('WebSocket', undefined);
  const options = { url: 'ws://example.com/ws', token: 'x', clientId: 'c' };
  expect(settingsOf(options).transport).toBe('sse');
  expect(() => settingsOf({ ...options, transport: 'ws' })).toThrow('there is no WebSocket here');
});

test('a text is one part of a path, or none', () => {
  expect(segment('a/b?c#d')).toBe('a%2Fb%3Fc%23d');
  expect(segment('\ud800')).toBe('%EF%BF%BD');
  for (const odd of ['', '.', '..'])
    expect(() => segment(odd)).toThrow(expect.objectContaining({ code: 'bad_request' }));
});
