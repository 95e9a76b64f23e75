import { expect, test } from 'vitest';
import { firstLine } from './probe.ts';
import { startRedis } from './redis.ts';
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
