import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { VirtualClock } from '@messagecore/kernel';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Reader, UnsentAnswers } from './unsent-answers.ts';

const MEBIBYTE = 1024 * 1024;
/** Far more than systems keep for a connection by themselves. */
const ANSWER = Buffer.alloc(32 * MEBIBYTE, 'x');
const anyone: Reader[] = [{ key: 'anyone', maxBytes: 10 * ANSWER.length }];

async function open(maxBytes = 100 * ANSWER.length, readers: (url: string) => Reader[] = () => anyone) {
  const clock = new VirtualClock();
  const onCut = vi.fn();
  const answers = new UnsentAnswers({ maxBytes, stallMs: 10_000, answerMs: 60_000, onCut, clock });
  const given: ServerResponse[] = [];
  const server = createServer((request, response) => {
    const own = readers(request.url ?? '');
    if (!answers.hasRoom(ANSWER.length, own)) return void response.writeHead(429).end();
    answers.add(response, ANSWER.length, own);
    given.push(response.end(ANSWER));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const peers: Socket[] = [];
  onTestFinished(() => {
    for (const peer of peers) peer.destroy();
    server.close().closeAllConnections();
  });
  /** Asks and reads nothing but the first few bytes of the answer. */
  const ask = async (path = '/', times = 1) => {
    const peer = connect(port, '127.0.0.1').on('error', () => {});
    peers.push(peer);
    peer.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(times));
    await once(peer, 'readable');
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(String(peer.read(64)))?.[1]);
    return { peer, status, closed: once(peer, 'close') };
  };
  return { clock, answers, ask, onCut };
}

/** Reads more than systems keep for a connection, and stops again. */
async function readSome(peer: Socket): Promise<void> {
  const target = peer.bytesRead + 8 * MEBIBYTE;
  await new Promise<void>((resolve) => {
    const take = () => {
      if (peer.bytesRead < target) return;
      peer.off('data', take).pause();
      resolve();
    };
    peer.on('data', take).resume();
  });
}

test('[LAG-6] an answer counts until it is taken', async () => {
  const { answers, ask, onCut } = await open();
  const { peer } = await ask();
  expect([answers.bytes, answers.size]).toEqual([ANSWER.length, 1]);
  peer.resume();
  await expect.poll(() => answers.bytes).toBe(0);
  expect(onCut).not.toHaveBeenCalled();
});

test('[LAG-6] answers behind others on one connection are forgotten with it', async () => {
  const { answers, ask } = await open();
  const { peer } = await ask('/', 3);
  await expect.poll(() => answers.size).toBe(3);
  peer.destroy();
  await expect.poll(() => [answers.bytes, answers.size]).toEqual([0, 0]);
});

test('[LAG-6] who takes nothing is cut off after a while, who takes a little goes on', async () => {
  const { clock, answers, ask, onCut } = await open();
  const [still, slow] = [await ask(), await ask()];
  for (let i = 0; i < 3; i += 1) {
    answers.sweep();
    clock.advance(4_000);
    await readSome(slow.peer);
  }
  answers.sweep();
  still.peer.resume();
  await still.closed;
  expect([answers.size, onCut.mock.calls.length]).toEqual([1, 1]);
  clock.advance(60_000);
  answers.sweep();
  expect([answers.size, answers.bytes]).toEqual([0, 0]);
});

test('[LAG-6] a reader at its bound is refused, unless its connections stand still: then they make room', async () => {
  const { clock, answers, ask, onCut } = await open(100 * ANSWER.length, (url) => [
    { key: url, maxBytes: 2 * ANSWER.length },
  ]);
  const first = await ask('/a');
  answers.sweep();
  expect([(await ask('/a')).status, (await ask('/a')).status, (await ask('/b')).status]).toEqual([200, 429, 200]);
  clock.advance(2_000);
  expect((await ask('/a')).status).toBe(200);
  first.peer.resume();
  await first.closed;
  expect([answers.size, onCut.mock.calls.length]).toEqual([3, 1]);
});

test('[LAG-6] all together have a bound too', async () => {
  const { clock, answers, ask } = await open(3 * ANSWER.length, (url) => [{ key: url, maxBytes: 9 * ANSWER.length }]);
  for (const path of ['/a', '/b', '/c']) expect((await ask(path)).status).toBe(200);
  expect((await ask('/d')).status).toBe(429);
  answers.sweep();
  clock.advance(2_000);
  expect((await ask('/d')).status).toBe(200);
  expect(answers.bytes).toBe(3 * ANSWER.length);
});
