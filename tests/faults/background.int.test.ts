/** One run of what tells most of consumers, jobs and sagas; `npm run faults` has all of it, and more seeds. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkAudit } from './audited.ts';
import { type Cluster, startCluster } from './cluster/cluster.ts';
import { untilNone, withDatabase } from './database.ts';
import { checkPurged, deleteAll, makeDoomed } from './purge.ts';
import { runSeed } from './run-seed.ts';
import type { Scenario } from './scenario.ts';
import { consumersStreamLost } from './scenarios/consumers-stream-lost.ts';
import { sagasKilled } from './scenarios/sagas-killed.ts';
import { checkTrial } from './trial.ts';
import { checkUsage, differences } from './usage.ts';

/** Another test file runs beside this one. */
const CLUSTERS = 2;
/** For a machine that is busy. */
const PATIENCE = { timeout: 600_000 };

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ background: true });
}, PATIENCE.timeout);
afterAll(() => cluster?.stop());

test.each([consumersStreamLost, sagasKilled].map((scenario) => [scenario.name, scenario] as const))(
  '%s: what works behind the requests happens once, and all of it',
  PATIENCE,
  async (_name, scenario) => {
    expect((await runSeed(cluster, scenario, 1, CLUSTERS)).findings).toEqual([]);
  },
);

test('what is counted or done twice, left behind, or missing in a log does not go unnoticed', PATIENCE, async () => {
  const vandal: Scenario = {
    name: 'vandal',
    what: 'counts, effects, leftovers and entries of the audit log are tampered with',
    async fault(trouble) {
      const {
        cluster: { databaseUrl },
        onRest,
      } = trouble;
      const doomed = await makeDoomed(trouble, 1);
      await deleteAll(trouble, doomed);
      checkUsage(trouble);
      onRest(() =>
        withDatabase(databaseUrl, async (sql) => {
          const ended = async () => await sql`select from sagas where kind = 'purge conversation' and status <> 'done'`;
          await untilNone(async () => (await ended()).map(() => 'open'), 60_000);
          // All is counted by now: what is found after the tampering is the tampering.
          expect(await differences(sql)).toEqual([]);
          await sql`
            insert into conversation_bans (conversation_id, user_id, tenant_id, banned_by)
            select conversation_id, tenant_id, tenant_id, tenant_id from conversations
            where conversation_id = ${doomed[0]?.cid ?? ''}`;
          await sql`alter table audit_log disable trigger audit_log_append_only`;
          const deleted = await sql`
            delete from audit_log where (tenant_id, seq) in (
              select tenant_id, min(seq) from audit_log where action = 'update_tenant' group by tenant_id
            ) returning seq`;
          expect(deleted.length).toBeGreaterThan(0);
          await sql`alter table audit_log enable trigger audit_log_append_only`;
          await sql`update usage_daily set messages = messages + 1`;
          await sql`insert into trial_effects select * from trial_effects limit 1`;
          await sql`insert into trial_ticks select * from trial_ticks limit 1`;
          await sql`delete from trial_bookings where piece = 5`;
        }),
      );
      await checkAudit(trouble);
      checkPurged(trouble, doomed);
      checkTrial(trouble);
      checkUsage(trouble, 0);
    },
  };

  const { findings } = await runSeed(cluster, vandal, 1, CLUSTERS);

  const rules = new Set(findings.map(({ rule }) => rule));
  expect([...rules].toSorted()).toEqual(['audit', 'booking', 'left', 'tick', 'twice', 'uncounted']);
});
