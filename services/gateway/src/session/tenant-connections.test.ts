import { expect, test } from 'vitest';
import { TenantConnections } from './tenant-connections.ts';

const TID = 'tenant';

function gateway(answer: { total: number; limit: number | null }) {
  const byTenant = new Map<string, { size: number }>();
  const reports: number[] = [];
  const connections = new TenantConnections({
    gateway: 'one',
    sessions: { byTenant },
    report: async (item) => {
      reports.push(item.connections);
      return { ...answer, total: answer.total + item.connections };
    },
  });
  return { byTenant, reports, connections };
}

test('[LIM-21] a tenant may have so many connections, here and elsewhere', async () => {
  const { byTenant, connections } = gateway({ total: 3, limit: 5 });
  byTenant.set(TID, { size: 1 });
  expect(connections.refusalOf(TID)).toBeUndefined();
  await connections.step();
  expect(connections.refusalOf(TID)).toBeUndefined();
  byTenant.set(TID, { size: 2 });
  expect(connections.refusalOf(TID)).toMatchObject({ error: 'rate_limited' });
  expect(connections.refusalOf('another')).toBeUndefined();
});

test('[LIM-21] without a limit there is none; a tenant that has gone is reported once more', async () => {
  const { byTenant, reports, connections } = gateway({ total: 1_000, limit: null });
  byTenant.set(TID, { size: 7 });
  await connections.step();
  expect(connections.refusalOf(TID)).toBeUndefined();
  byTenant.delete(TID);
  await connections.step();
  await connections.step();
  expect(reports).toEqual([7, 0]);
});

test('a tenant that goes while it is reported is reported once more', async () => {
  const { byTenant, reports, connections } = gateway({ total: 0, limit: null });
  byTenant.set(TID, { size: 7 });
  const step = connections.step();
  byTenant.delete(TID);
  await step;
  await connections.step();
  expect(reports).toEqual([7, 0]);
});

test('[LIM-21] an error about one tenant leaves what is known of it, and what was answered of others counts', async () => {
  const byTenant = new Map([
    ['a', { size: 1 }],
    ['b', { size: 1 }],
  ]);
  const fails = new Set<string>();
  const reports: string[] = [];
  const connections = new TenantConnections({
    gateway: 'one',
    sessions: { byTenant },
    report: async ({ tid, connections: here }) => {
      reports.push(`${tid} ${here}`);
      return fails.has(tid) ? { error: 'unavailable', msg: 'none' } : { total: here, limit: 1 };
    },
  });
  fails.add('a');
  await expect(connections.step()).rejects.toThrow('unavailable');
  expect(connections.refusalOf('a')).toBeUndefined();
  expect(connections.refusalOf('b')).toMatchObject({ error: 'rate_limited' });
  byTenant.clear();
  await expect(connections.step()).rejects.toThrow('unavailable');
  fails.clear();
  await connections.step();
  await connections.step();
  expect(reports.toSorted()).toEqual(['a 0', 'a 0', 'a 1', 'b 0', 'b 1']);
});
