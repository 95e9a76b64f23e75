/** `mc move` when it is told to end in the middle, and when a server or a right is gone: what is left is told, and nothing stays closed. */
import { readFileSync } from 'node:fs';
import { logFileOf } from '@messagecore/dev-servers';
import type { Sql } from 'postgres';
import { expect, onTestFinished, test } from 'vitest';
import { withSql } from './installation.ts';
import { type Database, EQUAL, follow, moveFrom, must, startDatabase } from './move-servers.ts';
import { mc, type RunningMc, startMc } from './run-mc.ts';

/** For roles and settings, which are the whole server's: the database takes no writes while it is moved to or was left. */
const asSuperuser = ({ server }: Database) => server.url;
const tenant = (database: Database, subdomain: string) =>
  withSql(
    database.url,
    (sql) => sql`insert into tenants (id, name, subdomain) values (gen_random_uuid(), 'one', ${subdomain})`,
  );
const slotsOf = (database: Database) => withSql(database.url, (sql) => sql`select slot_name from pg_replication_slots`);

const readOnly = (database: Database) =>
  withSql(database.url, async (sql) => {
    const [row] = await sql`select current_setting('default_transaction_read_only') as set`;
    return row?.['set'] as string;
  });

/** A switch in its pause, where it stays until it is told to end: the new server gets nothing that is written from then on, and its rows cannot be compared. */
async function stayInPause(from: Database, to: Database, args: readonly string[]): Promise<RunningMc> {
  const lock = Promise.withResolvers<void>();
  const { promise: locked, resolve: isLocked } = Promise.withResolvers<void>();
  const holding = withSql(to.url, async (sql) => {
    await sql`set default_transaction_read_only = off`;
    await sql.begin(async (tx) => {
      await tx`lock table tenants in access exclusive mode`;
      isLocked();
      await lock.promise;
    });
  });
  await locked;
  const running = startMc(['move', 'switch', '--wait', '600', '--json', ...args], moveFrom(from, to));
  await expect.poll(() => readOnly(from), { interval: 10 }).toBe('on');
  // By a session that begins after writes were switched off, and writes all the same: the last of what is waited for.
  await withSql(from.url, async (sql) => {
    await sql`set default_transaction_read_only = off`;
    await sql`insert into tenants (id, name, subdomain) values (gen_random_uuid(), 'one', 'late')`;
  });
  onTestFinished(() => running.kill('SIGKILL'));
  const untilEnd = async () => {
    const result = await running.ended;
    lock.resolve();
    await holding;
    return result;
  };
  return { ...running, ended: untilEnd() };
}

/** As from a terminal under npm, where a signal comes twice: the second while the old server is being opened. */
async function tellTwice(from: Database, running: RunningMc, signal: NodeJS.Signals): Promise<void> {
  const waiting = () =>
    withSql(
      asSuperuser(from),
      (sql) => sql`select from pg_stat_activity where application_name = 'mc move' and wait_event_type = 'Lock'`,
    );
  await withSql(asSuperuser(from), (sql) =>
    sql.begin(async (tx) => {
      await tx`lock table pg_db_role_setting in share mode`;
      running.kill(signal);
      await expect.poll(waiting).toHaveLength(1);
      running.kill(signal);
    }),
  );
}

test('a switch that is told to end in its pause opens the old server again', async () => {
  const [from, to] = [await startDatabase(), await startDatabase()];
  const env = moveFrom(from, to);
  await follow(env);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const running = await stayInPause(from, to, ['--way-back']);
    await tellTwice(from, running, signal);
    const { code, stdout, stderr } = await running.ended;
    expect([code, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout)).toEqual({ refused: expect.stringContaining('takes writes again'), comparison: null });
    await withSql(from.url, (sql) => sql`delete from tenants`);
    await expect.poll(async () => (await mc(['move', 'status'], env)).code).toBe(0);
  }
  expect(await must(['switch'], env)).toMatchObject({ comparison: EQUAL, left: [] });
});

test('after one that was killed there, the state is said, and the end of the move opens the old server again', async () => {
  const [from, to] = [await startDatabase(), await startDatabase()];
  const env = moveFrom(from, to);
  await follow(env);
  const running = await stayInPause(from, to, []);
  running.kill('SIGKILL');
  await running.ended;
  const status = await mc(['move', 'status'], env);
  expect([status.code, status.stdout]).toEqual([1, expect.stringContaining('neither server takes writes')]);
  expect(await must(['end'], env)).toEqual({ switched: false, reopened: true, left: [] });
  await tenant(from, 'after');
  expect([await slotsOf(from), await readOnly(to)]).toEqual([[], 'on']);

  // Given that neither takes writes and no move is under way: nobody can know which one has the record.
  await withSql(from.url, (sql) => sql`alter database messagecore set default_transaction_read_only = on`);
  const { code, stdout } = await mc(['move', 'end', '--json'], env);
  const left = [expect.stringContaining('neither server takes writes')];
  expect([code, JSON.parse(stdout)]).toEqual([1, { switched: null, reopened: false, left }]);
  expect(await readOnly(from)).toBe('on');
});

test('a move whose old server is gone is ended on the new one, which keeps no WAL for it', async () => {
  const [from, to] = [await startDatabase(), await startDatabase()];
  const env = moveFrom(from, to);
  await follow(env);
  await must(['switch', '--way-back'], env);
  expect(await slotsOf(to)).toHaveLength(1);
  await from.server.stop();
  const { code, stdout } = await mc(['move', 'end', '--json'], env);
  const left = [expect.stringContaining(`the old server (127.0.0.1:${from.server.port}) does not answer`)];
  expect([code, JSON.parse(stdout)]).toEqual([1, { switched: null, reopened: false, left }]);
  expect(await slotsOf(to)).toEqual([]);
  expect(await withSql(to.url, (sql) => sql`select pubname from pg_publication`)).toEqual([]);
});

test('what fails when the new server is open is left to do, and the switch has succeeded', async () => {
  const [from, to] = [await startDatabase(), await startDatabase()];
  await withSql(asSuperuser(from), (sql) => sql`create role link login replication password 'link' in role app`);
  const link = from.url.replace('app:of%20the%20app', 'link:link');
  const env = { ...moveFrom(from, to), MC_MOVE_FROM_LINK: link };
  await follow(env);
  // Given rights that are taken away meanwhile: the slot of the way forward can be dropped by nobody.
  await withSql(asSuperuser(from), async (sql) => {
    await sql`alter role link nologin`;
    await sql`alter role app noreplication`;
  });
  const switched = await mc(['move', 'switch', '--json'], env);
  const left = [expect.stringContaining('pg_drop_replication_slot')];
  expect([switched.code, switched.stderr]).toEqual([1, '']);
  expect(JSON.parse(switched.stdout)).toMatchObject({ comparison: EQUAL, left });
  expect(await must(['status'], env)).toMatchObject({ phase: 'switched' });
  await tenant(to, 'new');

  // With the right again, the end takes it away.
  await withSql(asSuperuser(from), (sql) => sql`alter role app replication`);
  expect(await must(['end'], env)).toEqual({ switched: true, reopened: false, left: [] });
  expect(await slotsOf(from)).toEqual([]);
});

test('no password of an address is in the log of a server, whether a subscription is made or refused', async () => {
  const [from, to] = [await startDatabase(), await startDatabase()];
  const env = moveFrom(from, to);
  const asSuperuserOfBoth = async (work: (sql: Sql) => Promise<unknown>) => {
    for (const database of [from, to]) await withSql(asSuperuser(database), work);
  };
  const logs = () => [from, to].map(({ server }) => readFileSync(logFileOf(server.dataDir), 'utf8')).join('');
  // Given a log of what fails, as it is by default, and of each statement that defines something.
  await asSuperuserOfBoth(async (sql) => {
    await sql`alter system set log_statement = 'ddl'`;
    await sql`select pg_reload_conf()`;
  });
  const wrong = { ...env, MC_MOVE_FROM_LINK: from.url.replace('of%20the%20app', 'hush-password') };
  const refused = async (why: string) => {
    const { code, stderr } = await mc(['move', 'prepare'], wrong);
    expect([code, stderr]).toEqual([1, expect.stringContaining(why)]);
    expect(logs()).toContain(why);
    expect(await withSql(to.url, (sql) => sql`select subname from pg_subscription`)).toEqual([]);
    expect(await slotsOf(from)).toEqual([]);
  };
  await refused('could not connect to the publisher');
  await withSql(asSuperuser(to), (sql) => sql`revoke pg_create_subscription from app`);
  await refused('permission denied to create subscription');
  await withSql(asSuperuser(to), (sql) => sql`grant pg_create_subscription to app`);

  // And given one of all statements with their parameters, and a role that may say that its own are left out.
  await asSuperuserOfBoth(async (sql) => {
    await sql`alter system set log_statement = 'all'`;
    await sql`select pg_reload_conf()`;
    await sql`grant set on parameter log_statement, log_min_duration_statement to app`;
  });
  await refused('could not connect to the publisher');
  wrong.MC_MOVE_FROM_LINK = 'postgres://app:hush-password@[::1';
  await refused('invalid connection string syntax');
  await follow(env);
  expect(await must(['switch', '--way-back'], env)).toMatchObject({ comparison: EQUAL, left: [] });
  await tenant(to, 'back');
  await expect.poll(() => withSql(from.url, (sql) => sql`select subdomain from tenants`)).toHaveLength(1);
  expect(logs()).toContain('create publication messagecore_move');
  const telling = logs()
    .split('\n')
    .filter((line) => /hush-password|of%20the%20app/.test(line));
  expect(telling).toEqual([]);
});
