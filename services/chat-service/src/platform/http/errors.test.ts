import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { refuseUnread } from './errors.ts';

test.each([
  ['a head that takes too long', 'GET /v1 HTTP/1.1\r\nHos', 408],
  ['a head that is too long', `GET /v1 HTTP/1.1\r\nA: ${'a'.repeat(40_000)}\r\n\r\n`, 431],
  ['what is no HTTP', 'rubbish\r\n\r\n', 400],
])('[LIM-9] after %s nothing is left, though the peer does not hang up', async (_, bytes, status) => {
  const http = createServer({ headersTimeout: 100, connectionsCheckingInterval: 50 });
  http.on('clientError', refuseUnread).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const peer = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
  onTestFinished(() => {
    peer.destroy();
    http.close();
  });
  let answer = '';
  peer.on('data', (data: Buffer) => (answer += data.toString('latin1'))).write(bytes);
  await once(peer, 'end');
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  const connections = promisify(http.getConnections.bind(http));
  await expect.poll(() => connections(), { timeout: 5_000 }).toBe(0);
});
