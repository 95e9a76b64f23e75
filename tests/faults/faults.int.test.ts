import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, startCluster } from './cluster/cluster.ts';
import { runSeed } from './run-seed.ts';
import type { Scenario } from './scenario.ts';
import { chatServiceKilled } from './scenarios/chat-service-killed.ts';
import { gatewayKilled } from './scenarios/gateway-killed.ts';
import { natsKilled } from './scenarios/nats-killed.ts';
import { postgresKilled } from './scenarios/postgres-killed.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ wired: true });
});
afterAll(() => cluster?.stop());

test.each([gatewayKilled, chatServiceKilled, postgresKilled, natsKilled].map((scenario) => [scenario.name, scenario]))(
  '%s: nothing acknowledged is lost, nothing comes twice, everybody arrives',
  async (_name, scenario) => {
    const { findings, figures } = await runSeed(cluster, scenario, 1);

    expect(findings).toEqual([]);
    expect(figures.acknowledged).toBeGreaterThan(50);
    expect(figures.unknown).toBe(0);
  },
);

test('what is lost, and a process that dies by itself, do not go unnoticed', async () => {
  const vandal: Scenario = {
    name: 'vandal',
    what: 'a stored message vanishes, and a gateway ends without being asked',
    async fault({ cluster: { gateways, databaseUrl }, crowd }) {
      const sql = postgres(databaseUrl, { max: 1 });
      await sql`delete from messages where conversation_id = ${crowd.cids[0]!} and seq = 2`;
      await sql.end();
      process.kill(gateways[0].server.pid!, 'SIGKILL');
      while (gateways[0].isRunning) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };

  const { findings } = await runSeed(cluster, vandal, 1);

  expect(findings.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['lost', 'hole', 'death']));
});
