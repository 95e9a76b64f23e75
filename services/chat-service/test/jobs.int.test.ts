import { randomUUID } from 'node:crypto';
import { createLogger } from '@messagecore/runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Sql, Transaction } from '../src/platform/database/connect.ts';
import { cancel, enqueue, enqueueAll, PLATFORM_TENANT, PRIORITY } from '../src/platform/jobs/enqueue.ts';
import { startJobRunner, type JobKind, type JobRunnerOptions } from '../src/platform/jobs/job-runner.ts';
import { claim, fail, finish, type Job, promoteDue, replay, stateOf } from '../src/platform/jobs/job-store.ts';
import { enqueueDue, nextAfter, saveSchedules } from '../src/platform/jobs/schedules.ts';
import { createDatabase, type TestDatabase } from './rooms.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const FIRST = '00000000-0000-0000-0000-000000000000';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createDatabase();
  ({ sql } = database.store);
  await sql`create table effects (job bigint, what text)`;
});
afterAll(() => database.drop());
beforeEach(async () => {
  await sql`truncate jobs, schedules, effects`;
});

const noteEffect = async (tx: Transaction, job: Job) => {
  await tx`insert into effects values (${job.id}, ${job.kind})`;
};
const effects = async () => (await sql<{ what: string }[]>`select what from effects order by job`).map((e) => e.what);
const take = (limit = 100, more: Partial<Parameters<typeof claim>[1]> = {}) =>
  claim(sql, { kinds: ['a', 'b'], limit, leaseMs: 60_000, after: FIRST, ...more });

function runner(kinds: readonly JobKind[], more: Partial<JobRunnerOptions> = {}) {
  const started = startJobRunner({ sql, kinds, log, pollMs: 10, ...more });
  onTestFinished(() => started.stop());
  return started;
}

describe('[HOOK-5] a job', () => {
  test('exists when its transaction commits, and not otherwise', async () => {
    await sql
      .begin(async (tx) => {
        await enqueue(tx, { kind: 'a', payload: {} });
        throw new Error('rolled back');
      })
      .catch(() => {});
    expect(await take()).toEqual([]);
    await sql.begin((tx) => enqueue(tx, { kind: 'a', payload: { n: 1 } }));
    expect(await take()).toMatchObject([{ kind: 'a', payload: { n: 1 }, attempt: 1, tid: PLATFORM_TENANT }]);
  });

  test('is enqueued once while one of its kind and key waits', async () => {
    expect(await enqueue(sql, { kind: 'a', key: 'k', payload: {} })).toBe(true);
    expect(await enqueue(sql, { kind: 'a', key: 'k', payload: {} })).toBe(false);
    expect(await enqueue(sql, { kind: 'b', key: 'k', payload: {} })).toBe(true);
    expect(await take()).toHaveLength(2);
  });

  test('is one of as many as are enqueued at once', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => ({ kind: 'a', payload: { n, text: '安\\"' } }));
    expect(await enqueueAll(sql, [...many, { kind: 'b', key: 'k', payload: {}, delayMs: 3_600_000 }])).toBe(10_001);
    expect(await enqueueAll(sql, [...many.slice(0, 2), { kind: 'b', key: 'k', payload: {} }])).toBe(2);
    const [job] = await take(1);
    expect(job).toMatchObject({ kind: 'a', payload: { n: 0, text: '安\\"' }, tid: PLATFORM_TENANT });
    const later =
      await sql`select priority, ready, run_at > now() + interval '59 minutes' as late from jobs where key = 'k'`;
    expect(later).toEqual([{ priority: PRIORITY.ordinary, ready: false, late: true }]);
  });

  test('waits for its moment, by the database’s clock', async () => {
    const inAnHour = Date.now() + 3_600_000;
    await enqueue(sql, { kind: 'a', payload: {}, runAt: inAnHour });
    await enqueue(sql, { kind: 'b', payload: {}, runAt: Date.now() - 3_600_000 });
    expect(await take()).toMatchObject([{ kind: 'b' }]);
    const [waiting] = await sql<{ at: number }[]>`
      select (extract(epoch from run_at) * 1000)::float8 as at from jobs where kind = 'a'`;
    expect(waiting?.at).toBe(inAnHour);
  });

  test('that waits is taken back by its key, one that is under way is not, and nobody waits for it', async () => {
    await enqueue(sql, { kind: 'a', key: 'k', payload: {}, delayMs: 3_600_000 });
    await enqueue(sql, { kind: 'b', key: 'k', payload: {} });
    const [job] = await take();
    const takeBack = (kind: string) => sql.begin((tx) => cancel(tx, { kind, key: 'k' }));
    await sql.begin(async (tx) => {
      await finish(tx, job!);
      await takeBack('b');
    });
    await enqueue(sql, { kind: 'b', key: 'k', payload: {} });
    await take();
    for (const kind of ['a', 'b']) await takeBack(kind);
    expect(await sql`select kind from jobs`).toEqual([{ kind: 'b' }]);
  });

  test('which enqueues the next piece, has it run at once, and nothing is looked for without end', async () => {
    await enqueue(sql, { kind: 'a', payload: { left: 20 } });
    let statements = 0;
    const seen: number[] = [];
    const counted = new Proxy(sql, {
      apply: (target, self, values) => {
        statements += 1;
        return Reflect.apply(target, self, values) as unknown;
      },
    });
    const kind: JobKind = {
      kind: 'a',
      async run(tx, { payload }) {
        const { left } = payload as { left: number };
        seen.push(left);
        if (left > 0) await enqueue(tx, { kind: 'a', payload: { left: left - 1 } });
      },
    };
    runner([kind], { sql: counted, pollMs: 3_600_000 });
    await vi.waitUntil(() => seen.length === 21, 60_000);
    await vi.waitUntil(async () => (await sql`select from jobs`).length === 0, 60_000);
    const asked = statements;
    await sql`select pg_sleep(0.2)`;
    expect(statements - asked).toBeLessThan(10);
    expect(statements).toBeLessThan(21 * 8);
  });

  test('does not run before its time', async () => {
    await enqueue(sql, { kind: 'a', payload: {}, delayMs: 3_600_000 });
    expect(await promoteDue(sql)).toBe(0);
    expect(await take()).toEqual([]);
    await sql`update jobs set run_at = now() - interval '1 second'`;
    expect(await promoteDue(sql)).toBe(1);
    expect(await take()).toHaveLength(1);
  });

  test('has its effect once, whatever number of runners there are', async () => {
    for (let n = 0; n < 200; n += 1) await enqueue(sql, { kind: 'a', payload: {} });
    const others = [database.open(), database.open()];
    runner([{ kind: 'a', run: noteEffect }]);
    for (const other of others) runner([{ kind: 'a', run: noteEffect }], { sql: other.sql });
    await vi.waitUntil(async () => (await stateOf(sql)).ready === 0 && (await effects()).length >= 200, 60_000);
    expect(await effects()).toHaveLength(200);
    expect(await sql`select from jobs`).toHaveLength(0);
  });

  test('has its effect outside of the database in no transaction, and again when it failed', async () => {
    await enqueue(sql, { kind: 'a', payload: {} });
    const open: number[] = [];
    const effect = async (given: Sql) => {
      const [row] = await given<{ open: number }[]>`
        select count(*)::int as open from pg_stat_activity
        where datname = current_database() and state = 'idle in transaction'`;
      open.push(row!.open);
      if (open.length === 1) throw new Error('the other side is slow');
    };
    runner([{ kind: 'a', effect, run: noteEffect }]);
    await vi.waitUntil(async () => (await effects()).length === 1, 60_000);
    expect(open).toEqual([0, 0]);
    expect(await sql`select from jobs`).toHaveLength(0);
  });

  test('of which two attempts overlap commits one of them', async () => {
    await enqueue(sql, { kind: 'a', payload: {} });
    const [first] = await take();
    // The lease ends while the first attempt is still under way: a clock that jumped, or a process that was frozen.
    await sql`update jobs set run_at = now() - interval '1 second'`;
    await promoteDue(sql);
    const [second] = await take();
    const work = (job: Job) => sql.begin(async (tx) => (await finish(tx, job)) && (await noteEffect(tx, job), true));
    expect(await Promise.all([work(first!), work(second!)])).toEqual([false, true]);
    expect(await effects()).toEqual(['a']);
  });

  test('under way is not taken by anybody, although its lease has ended', async () => {
    await enqueue(sql, { kind: 'a', payload: {} });
    const [job] = await take();
    await sql.begin(async (tx) => {
      await finish(tx, job!);
      await sql`update jobs set run_at = now() - interval '1 hour' where id <> ${job!.id}`;
      expect(await promoteDue(sql)).toBe(0);
      await noteEffect(tx, job!);
    });
    expect(await effects()).toEqual(['a']);
  });

  test('of a runner that died is run by another one', async () => {
    await enqueue(sql, { kind: 'a', payload: {} });
    await take(1, { leaseMs: 1 });
    runner([{ kind: 'a', run: noteEffect }]);
    await vi.waitUntil(async () => (await effects()).length > 0, 60_000);
    expect(await effects()).toEqual(['a']);
  });

  test('that fails leaves no effect, is tried again, and is dead after its last attempt; a replay runs it', async () => {
    await enqueue(sql, { kind: 'a', payload: {} });
    let broken = true;
    const run = async (tx: Transaction, job: Job) => {
      await noteEffect(tx, job);
      if (broken) throw new Error('broken');
    };
    const results: string[] = [];
    runner([{ kind: 'a', run, maxAttempts: 2 }], {
      random: () => 0,
      onAttempt: (_, result) => {
        results.push(result);
        // The next attempt need not be waited for.
        void sql`update jobs set run_at = now() where not dead`.catch(() => {});
      },
    });
    await vi.waitUntil(async () => {
      await sql`update jobs set run_at = now() where not dead and lease is null`;
      return (await stateOf(sql)).dead === 1;
    }, 60_000);
    expect(results).toEqual(['failed', 'dead']);
    expect(await effects()).toEqual([]);
    const [dead] = await sql`select id, last_error from jobs`;
    expect(dead?.['last_error']).toBe('broken');

    broken = false;
    expect(await replay(sql, dead?.['id'] as number)).toBe(true);
    await vi.waitUntil(async () => (await effects()).length === 1, 60_000);
    expect(await replay(sql, dead?.['id'] as number)).toBe(false);
  });

  test('whose attempt ended late does not put back what another one has taken', async () => {
    await enqueue(sql, { kind: 'a', payload: {} });
    const [late] = await take(1, { leaseMs: 1 });
    await vi.waitUntil(async () => (await promoteDue(sql)) === 1, 60_000);
    const [current] = await take();
    await fail(sql, late!, 'late', 0);
    expect(await sql.begin((tx) => finish(tx, current!))).toBe(true);
  });
});

describe('turns', () => {
  test('a tenant with many jobs does not delay the first of another', async () => {
    const [busy, quiet] = [randomUUID(), randomUUID()];
    for (let n = 0; n < 50; n += 1) await enqueue(sql, { kind: 'a', tid: busy, payload: {} });
    await enqueue(sql, { kind: 'a', tid: quiet, payload: {} });
    const tids = (await take(4)).map(({ tid }) => tid);
    expect(tids).toContain(quiet);
    expect(tids.filter((tid) => tid === busy)).toHaveLength(3);
  });

  test('the most urgent goes first, and the older of two', async () => {
    const tid = randomUUID();
    for (const [n, priority] of [PRIORITY.background, PRIORITY.ordinary, PRIORITY.urgent, PRIORITY.urgent].entries()) {
      await enqueue(sql, { kind: 'a', tid, payload: { n }, priority });
    }
    const order = [];
    for (let n = 0; n < 4; n += 1) order.push(...(await take(1)).map(({ payload }) => payload));
    expect(order).toEqual([{ n: 2 }, { n: 3 }, { n: 1 }, { n: 0 }]);
  });

  test('more tenants than one look covers all have their turn', async () => {
    for (let n = 0; n < 150; n += 1) await enqueue(sql, { kind: 'a', tid: randomUUID(), payload: {} });
    runner([{ kind: 'a', run: noteEffect }]);
    await vi.waitUntil(async () => (await effects()).length >= 150, 60_000);
    expect(await effects()).toHaveLength(150);
  });
});

describe('a schedule', () => {
  test('enqueues each moment once, by however many processes', async () => {
    await saveSchedules(sql, [{ name: 'a', cron: '0 * * * *' }]);
    await sql`update schedules set next_at = now() - interval '1 minute'`;
    const looks = await Promise.all(Array.from({ length: 8 }, () => enqueueDue(sql)));
    expect(looks.flat()).toEqual(['a']);
    expect(await take()).toHaveLength(1);
  });

  test('that was missed many times enqueues one job; a clock set back enqueues none', async () => {
    await saveSchedules(sql, [{ name: 'a', cron: '* * * * *' }]);
    await sql`update schedules set next_at = now() - interval '3 days'`;
    expect(await enqueueDue(sql)).toEqual(['a']);
    expect(await enqueueDue(sql)).toEqual([]);
    const [row] = await sql<{ ahead: boolean }[]>`select next_at > now() as ahead from schedules`;
    expect(row?.ahead).toBe(true);
  });

  test('keeps its time when it is saved again, changes with its expression, and goes when it is no longer named', async () => {
    await saveSchedules(sql, [{ name: 'a', cron: '* * * * *' }]);
    await sql`update schedules set next_at = '2020-01-01'`;
    await saveSchedules(sql, [{ name: 'a', cron: '* * * * *' }]);
    expect((await sql`select next_at from schedules`)[0]?.['next_at']).toEqual(new Date('2020-01-01'));
    await saveSchedules(sql, [{ name: 'a', cron: '5 * * * *' }]);
    const [changed] = await sql<
      { minute: number }[]
    >`select extract(minute from next_at)::int as minute from schedules`;
    expect(changed?.minute).toBe(5);
    await saveSchedules(sql, []);
    expect(await sql`select from schedules`).toHaveLength(0);
  });

  test('is in UTC, and refuses what is never due', () => {
    expect(nextAfter('30 2 * * *', new Date('2026-03-29T01:45:00Z'))).toEqual(new Date('2026-03-29T02:30:00Z'));
    expect(() => nextAfter('0 0 30 2 *', new Date())).toThrow('never due');
    expect(() => nextAfter('every day', new Date())).toThrow('CronPattern');
  });
});
