/**
 * `mc move`: from one PostgreSQL to another while messages are sent, judged by what clients saw. The services know both
 * servers from the beginning; the role owns its database and is no superuser.
 */
import { RATE_PROFILES } from '@messagecore/protocol';
import { expect, onTestFinished, test } from 'vitest';
import type { Place } from '../faults/place.ts';
import { runSeed, type SeedResult } from '../faults/run-seed.ts';
import type { Scenario } from '../faults/scenario.ts';
import { startSystem, type System } from '../support/system.ts';
import { withSql } from './installation.ts';
import { type Database, EQUAL, follow, installed, moveFrom, must, startDatabase } from './move-servers.ts';
import { mc } from './run-mc.ts';

const MINUTES = 60_000;
const ADMIN_KEY = 'the operator key of the tests';
const LOAD = { perSecond: 60 };
/** The whole installation, of services that take whichever server takes writes. */
async function startProduct(...databases: readonly Database[]): Promise<System> {
  const hosts = databases.map(({ server }) => `127.0.0.1:${server.port}`).join(',');
  const databaseUrl = `postgres://app:of%20the%20app@${hosts}/messagecore`;
  const system = await startSystem({
    chatServices: 2,
    limits: RATE_PROFILES.load,
    chatService: { databaseUrl },
  });
  onTestFinished(() => system.stop());
  return system;
}

function placeOf(system: System, record: { url: string }): Place {
  return {
    versions: {},
    get databaseUrl() {
      return record.url;
    },
    sockets: system.gateways.map((_gateway, n) => system.ws(n)),
    apis: system.chatServices.map(({ url }) => url),
    adminKey: ADMIN_KEY,
    takeDeaths: () => [],
    heal: async () => {},
    stop: async () => {},
  };
}

/** What a move cost is printed and never judged. */
function report(result: SeedResult, pauses: Readonly<Record<string, unknown>>): void {
  const { sends, acknowledged, longestSendMs = 0 } = result.figures;
  const clients = { withoutAckMs: longestWithoutAck(result), longestSendMs: Math.round(longestSendMs) };
  process.stderr.write(`mc move: ${JSON.stringify({ ...pauses, ...clients, sends, acknowledged })}\n`);
}

/** The longest time in which no send of anybody was acknowledged, milliseconds. */
function longestWithoutAck({ history }: SeedResult): number {
  const acks = history.operations
    .flatMap((operation) =>
      operation.type === 'send' && operation.outcome === 'acknowledged' ? operation.endedAt : [],
    )
    .sort((a, b) => a - b);
  return Math.round(acks.reduce((longest, at, n) => Math.max(longest, at - (acks[n - 1] ?? at)), 0));
}

const title = installed === undefined ? 'to another server' : `from PostgreSQL ${installed.version} to another one`;

test(
  `${title} under load: nothing that was acknowledged is lost or doubled`,
  async () => {
    const [from, to] = [await startDatabase(installed), await startDatabase()];
    const system = await startProduct(from, to);
    const env = moveFrom(from, to);
    const record = { url: from.url };
    const pauses: Record<string, unknown> = {};
    const scenario: Scenario<Place> = {
      name: 'move',
      what: 'The record moves to another PostgreSQL',
      load: LOAD,
      async fault() {
        await follow(env);
        const compared = await must(['compare'], env);
        expect(compared).toMatchObject(EQUAL);
        const switched = await must(['switch'], env);
        expect(switched).toMatchObject({ comparison: EQUAL });
        pauses['comparedMs'] = compared['stoppedMs'];
        pauses['pausedMs'] = switched['pausedMs'];
        record.url = to.url;
      },
    };
    const result = await runSeed(placeOf(system, record), scenario, 1, 2);
    report(result, pauses);
    expect(result.findings).toEqual([]);
    expect(result.figures.acknowledged).toBeGreaterThan(100);

    // The server that was left takes no writes, whoever comes, and keeps nothing for the other one.
    await expect(withSql(from.url, (sql) => sql`delete from tenants`)).rejects.toMatchObject({ code: '25006' });
    expect(await withSql(from.url, (sql) => sql`select slot_name from pg_replication_slots`)).toEqual([]);
    expect(await must(['end'], env)).toEqual({ switched: true, reopened: false, left: [] });
  },
  10 * MINUTES,
);

test(
  'there and back again under load, without loss either way',
  async () => {
    const [one, other] = [await startDatabase(), await startDatabase()];
    const system = await startProduct(one, other);
    const [there, back] = [moveFrom(one, other), moveFrom(other, one)];
    const record = { url: one.url };
    const pauses: Record<string, unknown> = {};
    const scenario: Scenario<Place> = {
      name: 'move-and-back',
      what: 'The record moves to another PostgreSQL, and returns',
      load: LOAD,
      async fault({ pause }) {
        await follow(there);
        const switched = await must(['switch', '--way-back', '--compare-later'], there);
        expect(switched).toMatchObject({ comparison: EQUAL });
        record.url = other.url;
        await pause(1_000);
        expect(await must(['status'], back)).toMatchObject({ phase: 'following' });
        const returned = await must(['switch'], back);
        expect(returned).toMatchObject({ comparison: EQUAL });
        record.url = one.url;
        pauses['thereMs'] = switched['pausedMs'];
        pauses['backMs'] = returned['pausedMs'];
      },
    };
    const result = await runSeed(placeOf(system, record), scenario, 2, 2);
    report(result, pauses);
    expect(result.findings).toEqual([]);
    expect(await must(['end'], back)).toEqual({ switched: true, reopened: false, left: [] });
  },
  10 * MINUTES,
);

test('what is in the way is said, and what differs is not switched to', async () => {
  const [from, to] = [await startDatabase(), await startDatabase()];
  const env = moveFrom(from, to);
  const inTheWay = async () =>
    (JSON.parse((await mc(['move', 'prepare', '--json'], env)).stdout) as { obstacles: string[] }).obstacles;

  await withSql(to.url, (sql) => sql`alter table tenants add column extra text`);
  await withSql(
    to.url,
    (sql) => sql`insert into tenants (id, name, subdomain) values (gen_random_uuid(), 'somebody', 'one')`,
  );
  expect(await inTheWay()).toEqual([
    expect.stringContaining('public.tenants differs'),
    expect.stringContaining('has tenants already'),
  ]);
  await withSql(to.url, (sql) => sql`delete from tenants`);
  await withSql(to.url, (sql) => sql`alter table tenants drop column extra`);
  await withSql(from.url, (sql) => sql`create table notes (text text)`);
  await withSql(to.url, (sql) => sql`create table notes (text text)`);
  expect(await inTheWay()).toEqual([expect.stringContaining('public.notes has no primary key')]);
  await withSql(from.url, (sql) => sql`drop table notes`);
  await withSql(to.url, (sql) => sql`drop table notes`);

  // Given a row that the new server alone has.
  await follow(env);
  await withSql(to.server.url.replace(/\/postgres$/, '/messagecore'), async (sql) => {
    await sql`set default_transaction_read_only = off`;
    await sql`insert into tenants (id, name, subdomain) values (gen_random_uuid(), 'a stranger', 'one')`;
  });
  const refused = await mc(['move', 'switch', '--json'], env);
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.stdout)).toMatchObject({ comparison: { differences: [{ table: 'public.tenants' }] } });

  // Then the old server takes writes as before, and the move can be given up.
  await withSql(from.url, (sql) => sql`delete from tenants`);
  expect(await must(['end'], env)).toEqual({ switched: false, reopened: false, left: [] });
  await expect(withSql(to.url, (sql) => sql`delete from tenants`)).rejects.toMatchObject({ code: '25006' });
  const { code, stdout } = await mc(['move', 'status', '--json'], env);
  expect([code, JSON.parse(stdout)]).toEqual([1, expect.objectContaining({ phase: 'none', wayBack: false })]);
});

test('a switch that was cut short in the pause is done again, and one that was done is not', async () => {
  const [from, to] = [await startDatabase(), await startDatabase()];
  const env = moveFrom(from, to);
  await follow(env);
  await withSql(from.url, (sql) => sql`alter database messagecore set default_transaction_read_only = on`);
  const stopped = await mc(['move', 'status', '--json'], env);
  expect([stopped.code, JSON.parse(stopped.stdout)]).toEqual([1, expect.objectContaining({ phase: 'stopped' })]);
  expect(await must(['switch', '--way-back'], env)).toMatchObject({ comparison: EQUAL });
  const again = await mc(['move', 'switch'], env);
  expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('takes the writes already') });
  expect(await must(['status'], env)).toMatchObject({ phase: 'switched', wayBack: true });
  expect(await must(['end'], env)).toEqual({ switched: true, reopened: false, left: [] });
  expect(await must(['status'], env)).toMatchObject({ phase: 'switched', wayBack: false });
});
