import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appendAudit, type AuditFilter, readAudit, verifyAudit } from '../src/platform/audit/audit-log.ts';
import type { AuditEntry } from '../src/platform/audit/entry.ts';
import type { Sql } from '../src/platform/database/connect.ts';
import { createDatabase, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createDatabase();
  ({ sql } = database.store);
});
afterAll(() => database.drop());

const entry = (n: number): AuditEntry => ({
  action: 'tenant.update',
  actor: 'operator',
  address: '192.0.2.1',
  target: `tenant:${n}`,
  before: { plan: 'basic', nested: { b: 1, a: [2, { z: 'ü', y: null }] } },
  after: { plan: 'pro' },
});
const append = (tid: string, n: number) => sql.begin((tx) => appendAudit(tx, tid, entry(n)));

async function tenantWithEntries(count: number): Promise<string> {
  const tid = randomUUID();
  for (let n = 1; n <= count; n += 1) await append(tid, n);
  return tid;
}

/** What somebody with all rights over the database can do. */
async function tamper(statement: (tx: Sql) => Promise<unknown>): Promise<void> {
  await sql`alter table audit_log disable trigger audit_log_append_only`;
  await statement(sql);
  await sql`alter table audit_log enable trigger audit_log_append_only`;
}

test('[COMP-1] entries follow each other without a hole, also when many write at once', async () => {
  const tid = randomUUID();
  await Promise.all(Array.from({ length: 50 }, (_, n) => append(tid, n)));
  const entries = await readAudit(sql, tid, 0, 100);
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  expect(entries[0]).toMatchObject({ ...entry(0), target: expect.stringMatching(/^tenant:/) });
  expect(await verifyAudit(sql, tid)).toEqual({ entries: 50, brokenAt: undefined });
});

test('[COMP-1] an entry exists only with what it tells', async () => {
  const tid = randomUUID();
  const refused = sql.begin(async (tx) => {
    await appendAudit(tx, tid, entry(1));
    throw new Error('rolled back');
  });
  await expect(refused).rejects.toThrow('rolled back');
  expect(await readAudit(sql, tid, 0, 10)).toEqual([]);
  expect(await verifyAudit(sql, tid)).toEqual({ entries: 0, brokenAt: undefined });
});

test('[COMP-1] entries cannot be changed or deleted', async () => {
  const tid = await tenantWithEntries(1);
  await expect(sql`update audit_log set actor = 'nobody' where tenant_id = ${tid}`).rejects.toThrow('append-only');
  await expect(sql`delete from audit_log where tenant_id = ${tid}`).rejects.toThrow('append-only');
});

const CHANGES: Readonly<Record<string, (tx: Sql, tid: string) => Promise<unknown>>> = {
  'a changed actor': (tx, tid) => tx`update audit_log set actor = 'x' where tenant_id = ${tid} and seq = 3`,
  'a changed time': (tx, tid) =>
    tx`update audit_log set at = at + interval '1 ms' where tenant_id = ${tid} and seq = 3`,
  'a changed state': (tx, tid) =>
    tx`update audit_log set after = '{"plan":"basic"}' where tenant_id = ${tid} and seq = 3`,
  'a missing entry': (tx, tid) => tx`delete from audit_log where tenant_id = ${tid} and seq = 3`,
  'two entries swapped': (tx, tid) =>
    tx`update audit_log set seq = case seq when 3 then -4 else -3 end where tenant_id = ${tid} and seq in (3, 4)`.then(
      () => tx`update audit_log set seq = -seq where tenant_id = ${tid} and seq < 0`,
    ),
};

test.each(Object.keys(CHANGES))('[COMP-1] %s is found, and where', async (name) => {
  const tid = await tenantWithEntries(5);
  await tamper((tx) => CHANGES[name]!(tx, tid));
  expect(await verifyAudit(sql, tid)).toEqual({ entries: 2, brokenAt: 3 });
});

test('[COMP-1] a missing end is found', async () => {
  const tid = await tenantWithEntries(5);
  await tamper((tx) => tx`delete from audit_log where tenant_id = ${tid} and seq >= 4`);
  expect(await verifyAudit(sql, tid)).toEqual({ entries: 3, brokenAt: 4 });
});

test('[COMP-1] entries appended while the log is being proved do no harm', async () => {
  const tid = await tenantWithEntries(20);
  const writing = Promise.all(Array.from({ length: 20 }, (_, n) => append(tid, n)));
  for (let n = 0; n < 10; n += 1) expect((await verifyAudit(sql, tid)).brokenAt).toBeUndefined();
  await writing;
  expect(await verifyAudit(sql, tid)).toEqual({ entries: 40, brokenAt: undefined });
});

test('[COMP-1] the list can be held to an action, an actor, a target and a time', async () => {
  const tid = await tenantWithEntries(4);
  const other = { ...entry(9), action: 'suspend_tenant', actor: 'user:9' };
  await sql.begin((tx) => appendAudit(tx, tid, other));
  const all = await readAudit(sql, tid, 0, 100);
  const seqs = async (filter: AuditFilter) => (await readAudit(sql, tid, 0, 100, filter)).map(({ seq }) => seq);
  expect(await seqs({ action: 'suspend_tenant' })).toEqual([5]);
  expect(await seqs({ actor: 'operator', target: 'tenant:2' })).toEqual([2]);
  expect(await seqs({ actor: 'nobody' })).toEqual([]);
  const from = all[2]!.at.getTime();
  const later = all.filter(({ at }) => at.getTime() >= from).map(({ seq }) => seq);
  expect([await seqs({ from }), await seqs({ to: from })]).toEqual([
    later,
    all.map(({ seq }) => seq).slice(0, -later.length),
  ]);
});
