import { expect, test } from 'vitest';
import { REDIS } from './acquire/program.ts';
import { fetchedKind } from './fetched-kind.ts';
import { freePort } from './ports.ts';
import { firstLine } from './probe.ts';
import { startRedis } from './redis.ts';
import { startServer } from './server.ts';
import { silent, testFolder, untilTestEnds } from './test-helpers.ts';

test('it forgets everything when it restarts, and keeps its port', async () => {
  const server = await untilTestEnds(startRedis({ dataDir: testFolder(), log: silent }));
  const { port } = server;
  expect(await firstLine(port, 'SET key value\r\n')).toBe('+OK');
  expect(await firstLine(port, 'EXISTS key\r\n')).toBe(':1');
  await server.kill();
  await expect(firstLine(port, 'PING\r\n')).rejects.toThrow('ECONNREFUSED');
  await server.restart();
  expect(await firstLine(port, 'EXISTS key\r\n')).toBe(':0');
});

test('a port that is taken is said to be so', async () => {
  const { port } = await untilTestEnds(startRedis({ dataDir: testFolder(), log: silent }));
  await expect(startRedis({ dataDir: testFolder(), port, log: silent })).rejects.toThrow(
    `port ${port} on 127.0.0.1 is taken`,
  );
});

test('another port is chosen when one that the server derives from it is taken', async () => {
  const { port: taken } = await untilTestEnds(startRedis({ dataDir: testFolder(), log: silent }));
  const options = { dataDir: testFolder(), log: silent };
  const chosen: number[] = [];
  const server = await untilTestEnds(
    startServer(options, async (port) => {
      chosen.push(port);
      const busPort = chosen.length === 1 ? taken : await freePort();
      const cluster = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
      return fetchedKind(REDIS, { ...options, port }, async ({ host }) => ({
        url: `redis://127.0.0.1:${port}`,
        args: ['--port', String(port), '--bind', host, '--save', '', ...cluster],
        answers: async () => (await firstLine(port, 'PING\r\n')) === '+PONG',
        stopSignal: 'SIGTERM',
      }));
    }),
  );
  expect(chosen.length).toBeGreaterThan(1);
  expect(server.port).toBe(chosen.at(-1));
});
