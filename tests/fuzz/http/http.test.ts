import { connect } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { PROBLEM_JSON } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../../support/system.ts';
import { readKept } from '../kept.ts';
import { runTarget } from '../run.ts';
import type { Target } from '../target.ts';
import { Contract } from './contract.ts';
import { httpTarget } from './target.ts';
import { FuzzedProduct } from './fuzzed-product.ts';

const REQUESTS = 1_000;

let system: System;
let target: Target;

beforeAll(async () => {
  system = await startSystem({ gateways: 1 });
  const { adminKey } = await system.tenant();
  target = httpTarget(system.api, await Contract.of(system.api), await FuzzedProduct.create(system.api, adminKey));
});
afterAll(() => system.stop());

test('[ERR-1] [ISO-3] every operation, called rightly and wrongly by everybody, answers as the contract says', async () => {
  const { failures, verdicts } = await runTarget(target, { inputs: REQUESTS, seed: 11 });
  expect(failures.map(({ why, input }) => ({ why, input: input.toString() }))).toEqual([]);
  expect(verdicts.get('accepted')).toBeGreaterThan(REQUESTS / 20);
  expect([...verdicts.keys()]).toEqual(expect.arrayContaining(['bad_request', 'unauthorized', 'not_found']));
});

test('what was kept is answered as it has to be', async () => {
  for (const [name, input] of await readKept(target.name))
    await expect(target.check(input), name).resolves.toBeDefined();
});

test.each([
  ['no words at all', '\0\0\0\r\n\r\n', 400],
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', 400],
  ['two lengths', 'POST /send HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 400],
  [
    'a length and chunks',
    'POST /send HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['a length that is none', 'POST /send HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', 400],
  ['a line feed in a name', 'GET /health/simple HTTP/1.1\r\nHost: x\r\nA\nB: c\r\n\r\n', 400],
  ['a head without end', `GET /health/simple HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(100_000)}\r\n\r\n`, 431],
])('[ERR-1] %s is answered by a problem document, and the connection ends', async (_, bytes, status) => {
  for (const url of [system.api, system.sse()]) {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname).on('error', () => {});
    await once(socket, 'connect');
    socket.write(Buffer.from(bytes, 'latin1'));
    const answer = await text(socket);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toContain(PROBLEM_JSON);
    expect(JSON.parse(body)).toMatchObject({ status });
  }
});
