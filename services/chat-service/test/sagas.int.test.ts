import { randomUUID } from 'node:crypto';
import { createLogger } from '@messagecore/runtime';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Sql, Transaction } from '../src/platform/database/connect.ts';
import { startJobRunner } from '../src/platform/jobs/job-runner.ts';
import { replay } from '../src/platform/jobs/job-store.ts';
import type { SagaKind, StepResult } from '../src/platform/sagas/saga.ts';
import { readSaga, sagaJobs, startSaga } from '../src/platform/sagas/sagas.ts';
import { createDatabase, type TestDatabase } from './rooms.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const tid = randomUUID();

interface Counting {
  readonly left: number;
}

let database: TestDatabase;
let sql: Sql;
let broken: ReadonlySet<string>;

beforeAll(async () => {
  database = await createDatabase();
  ({ sql } = database.store);
  await sql`create table effects (n bigint generated always as identity, what text)`;
});
afterAll(() => database.drop());
beforeEach(async () => {
  broken = new Set();
  await sql`truncate jobs, sagas, effects`;
});

const note = async (tx: Transaction, what: string) => {
  await tx`insert into effects (what) values (${what})`;
  if (broken.has(what)) throw new Error(`${what} is broken`);
};

/** The first step takes three runs. */
const KIND: SagaKind<Counting> = {
  kind: 'three-steps',
  steps: [
    {
      name: 'count',
      async run(tx, { left }): Promise<StepResult<Counting>> {
        await note(tx, `count ${left}`);
        return { state: { left: left - 1 }, done: left === 1, progress: 1 };
      },
      async undo(tx, state) {
        await note(tx, 'undo count');
        return { state, done: true };
      },
    },
    {
      name: 'silent',
      async run(tx, state) {
        await note(tx, 'silent');
        return { state, done: true, progress: 1 };
      },
    },
    {
      name: 'last',
      async run(tx, state) {
        await note(tx, 'last');
        return { state, done: true, progress: 1 };
      },
      async undo(tx, state) {
        await note(tx, 'undo last');
        return { state, done: true };
      },
    },
  ],
};
const IMPATIENT: SagaKind<Counting> = { ...KIND, kind: 'impatient', maxAttempts: 1 };
const KINDS = [KIND, IMPATIENT] as unknown as readonly SagaKind<never>[];

const effects = async () =>
  (await sql<{ what: string }[]>`select what from effects order by n`).map(({ what }) => what);
const start = () => sql.begin((tx) => startSaga(tx, KIND, { tid, subject: 'a test', state: { left: 3 }, total: 5 }));
const statusOf = async (id: string) => (await readSaga(sql, KINDS, tid, id))?.status;

function runSagas(instances = 1, maxAttempts = 1) {
  for (let n = 0; n < instances; n += 1) {
    const runner = startJobRunner({
      sql: database.open().sql,
      kinds: [sagaJobs(KINDS, maxAttempts)],
      log,
      pollMs: 10,
    });
    onTestFinished(() => runner.stop());
  }
}

test('[HOOK-5] a saga runs its steps in order, each part once, and shows its progress', async () => {
  const id = await start();
  expect(await readSaga(sql, KINDS, tid, id)).toMatchObject({
    status: 'running',
    step: 'count',
    progress: 0,
    total: 5,
  });
  runSagas(3);
  await vi.waitUntil(async () => (await statusOf(id)) === 'done', 60_000);
  expect(await effects()).toEqual(['count 3', 'count 2', 'count 1', 'silent', 'last']);
  expect(await readSaga(sql, KINDS, tid, id)).toMatchObject({ step: null, progress: 5, error: null });
  expect(await readSaga(sql, KINDS, randomUUID(), id)).toBeUndefined();
});

test('[HOOK-5] a saga whose transaction is rolled back never was', async () => {
  const refused = sql.begin(async (tx) => {
    await startSaga(tx, KIND, { tid, subject: 'a test', state: { left: 3 } });
    throw new Error('rolled back');
  });
  await expect(refused).rejects.toThrow('rolled back');
  expect(await sql`select from sagas`).toHaveLength(0);
  expect(await sql`select from jobs`).toHaveLength(0);
});

test('[HOOK-5] a step that fails for good is undone, with all before it, last first', async () => {
  broken = new Set(['last']);
  const id = await start();
  runSagas();
  await vi.waitUntil(async () => (await statusOf(id)) === 'undone', 60_000);
  expect(await effects()).toEqual(['count 3', 'count 2', 'count 1', 'silent', 'undo last', 'undo count']);
  expect(await readSaga(sql, KINDS, tid, id)).toMatchObject({ error: 'last is broken', step: null });
});

test('[HOOK-5] a kind says itself how often its steps are tried', async () => {
  broken = new Set(['last']);
  const state = { left: 3 };
  const id = await sql.begin((tx) => startSaga(tx, IMPATIENT, { tid, subject: 'a test', state }));
  // Others are tried for minutes.
  runSagas(1, 10);
  await vi.waitUntil(async () => (await statusOf(id)) === 'undone', 60_000);
  expect(await effects()).toEqual(['count 3', 'count 2', 'count 1', 'silent', 'undo last', 'undo count']);
});

test('[HOOK-5] an undo that fails for good leaves the saga failed and its job dead; a replay goes on', async () => {
  broken = new Set(['last', 'undo count']);
  const id = await start();
  runSagas();
  await vi.waitUntil(async () => (await statusOf(id)) === 'failed', 60_000);
  const [job] = await sql<{ id: number }[]>`select id from jobs where dead`;
  broken = new Set();
  expect(await replay(sql, job?.id ?? 0)).toBe(true);
  await vi.waitUntil(async () => (await statusOf(id)) === 'undone', 60_000);
  expect((await effects()).filter((what) => what === 'undo count')).toHaveLength(1);
});
