/** One run of the scenarios that tell most; `npm run faults` has all of them, and more seeds. */
import { waitUntil } from '@messagecore/dev-servers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, startCluster } from './cluster/cluster.ts';
import { withDatabase } from './database.ts';
import { runSeed } from './run-seed.ts';
import type { Scenario } from './scenario.ts';
import { chatServicePaused } from './scenarios/chat-service-paused.ts';
import { chatServicePostgresPartition } from './scenarios/chat-service-postgres-partition.ts';
import { gatewayKilled } from './scenarios/gateway-killed.ts';
import { natsStoreLost } from './scenarios/nats-store-lost.ts';
import { onlineMigrations } from './scenarios/online-migrations.ts';
import { postgresKilled } from './scenarios/postgres-killed.ts';
import { relayKilled } from './scenarios/relay-killed.ts';
import { readHeads } from './stored.ts';

/** At a rate that a busy machine bears. */
const quietMigrations: Scenario = { ...onlineMigrations, load: { ...onlineMigrations.load, perSecond: 150 } };

const TELLING = [
  quietMigrations,
  gatewayKilled,
  chatServicePaused,
  relayKilled,
  postgresKilled,
  natsStoreLost,
  chatServicePostgresPartition,
];

/** Another test file runs beside this one. */
const CLUSTERS = 2;
/** For a machine that is busy. */
const PATIENCE = { timeout: 240_000 };

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ wired: true });
}, PATIENCE.timeout);
afterAll(() => cluster?.stop());

test.each(TELLING.map((scenario) => [scenario.name, scenario] as const))(
  '%s: nothing acknowledged is lost, nothing comes twice, everybody arrives',
  PATIENCE,
  async (_name, scenario) => {
    const { findings, figures } = await runSeed(cluster, scenario, 1, CLUSTERS);

    expect(findings).toEqual([]);
    expect(figures.acknowledged).toBeGreaterThan(50);
    expect(figures.unknown).toBe(0);
  },
);

test('what is lost, and a process that dies by itself, do not go unnoticed', PATIENCE, async () => {
  const vandal: Scenario = {
    name: 'vandal',
    what: 'a stored message vanishes, others are pinned behind everybody’s back, replies and votes are miscounted, and a gateway ends unasked',
    // The lost message never comes: there is no rest to wait for.
    restWithinMs: 3_000,
    async fault({ cluster: { gateways, databaseUrl }, crowd, onRest }) {
      const [first = '', second = ''] = crowd.cids;
      await waitUntil('some messages', async () =>
        [...(await readHeads(databaseUrl, [first, second])).values()].every(({ head }) => head > 20),
      );
      await withDatabase(databaseUrl, async (sql) => {
        await sql`delete from messages where conversation_id = ${first} and seq = 2`;
        await sql`
          update messages set pinned_at = now()
          where conversation_id = ${second} and kind <> 'sys' and seq <= 20 and pinned_at is null`;
      });
      onRest(() =>
        withDatabase(databaseUrl, async (sql) => {
          const replied = await sql`
            update threads set replies = replies + 1 where conversation_id = ${second} returning root_seq`;
          expect(replied.length).toBeGreaterThan(0);
          await sql`
            insert into poll_votes (conversation_id, seq, user_id, option, tenant_id, created_at)
            select conversation_id, seq, sender_id, 'none', tenant_id, now() from messages
            where conversation_id = ${second} order by seq limit 1`;
        }),
      );
      process.kill(gateways[0].server.pid!, 'SIGKILL');
      while (gateways[0].isRunning) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };

  const { findings } = await runSeed(cluster, vandal, 1, CLUSTERS);

  expect(findings.map(({ rule }) => rule)).toEqual(
    expect.arrayContaining(['lost', 'hole', 'forged', 'miscounted', 'death']),
  );
  const miscounted = findings.filter(({ rule }) => rule === 'miscounted').map(({ detail }) => detail);
  for (const what of ['thread of', 'votes of']) {
    expect(miscounted).toEqual(expect.arrayContaining([expect.stringContaining(what)]));
  }
});
