import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { promisify } from 'node:util';
import { VirtualClock } from '@messagecore/kernel';
import { createLogger, UnsentAnswers } from '@messagecore/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { ChatError } from '@messagecore/protocol';
import { createHttp } from './http.ts';
import { createUpgrade, type UpgradeOptions } from './upgrade.ts';

async function open(refusalOf: UpgradeOptions['refusalOf'] = () => undefined) {
  const http = createHttp({
    ops: async () => undefined,
    sse: async () => {},
    log: createLogger({ name: 'test', level: 'silent' }),
    requestHeadMs: 200,
    unsent: new UnsentAnswers({ maxBytes: 1_000_000, stallMs: 10_000, answerMs: 60_000 }),
  });
  http.on('upgrade', createUpgrade({ refusalOf, cookieOrigins: [], onConnection() {} })).listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => http.close().closeAllConnections());
  const { port } = http.address() as AddressInfo;
  return { connections: promisify(http.getConnections.bind(http)), dial: (bytes: string) => dial(port, bytes) };
}

/** A peer that keeps its side open for ever; settles with the head's first line when the answer has ended. */
async function dial(port: number, bytes: string): Promise<string> {
  const peer = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
  onTestFinished(() => void peer.destroy());
  let answer = '';
  peer.on('data', (data: Buffer) => (answer += data.toString('latin1'))).write(bytes);
  await once(peer, 'end');
  return answer.slice(0, answer.indexOf('\r\n'));
}

const upgrade = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;

test.each([
  ['an upgrade that is refused', upgrade('/nowhere'), 404],
  ['a head that takes too long', 'GET /ws HTTP/1.1\r\nHos', 408],
  ['a head that is too long', `GET /ws HTTP/1.1\r\nA: ${'a'.repeat(40_000)}\r\n\r\n`, 431],
  ['what is no HTTP', 'rubbish\r\n\r\n', 400],
])('[LIM-9] [CON-1] after %s nothing is left, though the peer does not hang up', async (_, bytes, status) => {
  const { connections, dial: say } = await open();
  const heads = await Promise.all(Array.from({ length: 5 }, () => say(bytes)));
  for (const head of heads) expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  await expect.poll(() => connections(), { timeout: 5_000 }).toBe(0);
});

test('[LIM-4] an upgrade of a path that is not there counts like any other', async () => {
  let asked = 0;
  const { dial: say } = await open(() => {
    asked += 1;
    return asked > 2 ? new ChatError('rate_limited') : undefined;
  });
  const heads = [await say(upgrade('/nowhere')), await say(upgrade('/nowhere')), await say(upgrade('/nowhere'))];
  expect(heads.map((head) => head.split(' ')[1])).toEqual(['404', '404', '429']);
});

test('[LAG-6] a stream that has ended and that nobody reads to its end is cut off', async () => {
  const clock = new VirtualClock();
  const unsent = new UnsentAnswers({ maxBytes: 1_000_000, stallMs: 10_000, answerMs: 60_000, clock });
  const http = createHttp({
    ops: async () => undefined,
    sse: async (_request, response) => {
      response.writeHead(200);
      // More than systems keep for a connection.
      response.write(Buffer.alloc(32 * 1024 * 1024));
      response.end();
    },
    log: createLogger({ name: 'test', level: 'silent' }),
    requestHeadMs: 200,
    unsent,
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => http.close().closeAllConnections());
  const peer = connect((http.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void peer.destroy());
  peer.pause().write('GET /sse HTTP/1.1\r\nHost: x\r\n\r\n');
  await expect.poll(() => unsent.size).toBe(1);
  unsent.sweep();
  clock.advance(10_000);
  unsent.sweep();
  const connections = promisify(http.getConnections.bind(http));
  await expect.poll(() => connections()).toBe(0);
});
