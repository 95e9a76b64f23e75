import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startNats } from './nats.ts';
import { firstLine } from './probe.ts';
import { silent, testFolder, untilTestEnds } from './test-helpers.ts';

/** One request over the plain wire protocol, which is lines of text. */
function request(port: number, subject: string, body: unknown): Promise<Record<string, unknown>> {
  const payload = JSON.stringify(body);
  const text = `CONNECT {"verbose":false}\r\nSUB inbox 1\r\nPUB ${subject} inbox ${payload.length}\r\n${payload}\r\n`;
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(text));
    socket.setEncoding('utf8').once('error', reject);
    socket.on('data', (chunk: string) => {
      answer += chunk;
      const message = /MSG inbox 1 \d+\r\n(.*)\r\n/.exec(answer);
      if (message === null) return;
      resolve(JSON.parse(message[1] ?? '') as Record<string, unknown>);
      socket.destroy();
    });
  });
}

const streams = async (port: number) => (await request(port, '$JS.API.STREAM.NAMES', {}))['streams'] ?? [];

test('a stream survives a kill, and is gone when the store is wiped', async () => {
  const server = await untilTestEnds(startNats({ dataDir: testFolder(), log: silent }));
  const { port, url } = server;
  const config = { name: 'KEPT', subjects: ['kept.>'], storage: 'file', num_replicas: 1 };
  expect(await request(port, '$JS.API.STREAM.CREATE.KEPT', config)).not.toHaveProperty('error');

  await server.kill();
  await server.restart();
  expect(server.url).toBe(url);
  expect(await streams(port)).toEqual(['KEPT']);

  await expect(server.wipeStore()).rejects.toThrow('stop NATS');
  await server.kill();
  await server.wipeStore();
  await server.restart();
  expect(await streams(port)).toEqual([]);
});

test('it takes messages of eight megabytes', async () => {
  const { port } = await untilTestEnds(startNats({ dataDir: testFolder(), log: silent }));
  expect(await firstLine(port)).toContain('"max_payload":8388608');
});
