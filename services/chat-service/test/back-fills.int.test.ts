import { randomUUID } from 'node:crypto';
import { createLogger } from '@messagecore/runtime';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Sql } from '../src/platform/database/connect.ts';
import { startJobRunner } from '../src/platform/jobs/job-runner.ts';
import { backFillSaga } from '../src/platform/sagas/back-fill.ts';
import { anySaga } from '../src/platform/sagas/saga.ts';
import { readSaga, sagaJobs, startSaga } from '../src/platform/sagas/sagas.ts';
import { createDatabase, type TestDatabase } from './rooms.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const tid = randomUUID();
const ROWS = 95;
const BATCH = 10;

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await createDatabase();
  ({ sql } = database.store);
  await sql`create table old_rows (n int primary key, doubled int, writes int not null default 0)`;
  await sql`insert into old_rows (n) select generate_series(1, ${ROWS}::int)`;
});
afterAll(() => database.drop());

/** Fails once, in the middle of a batch, after it has written. */
let failsAt: number | undefined = 50;

const DOUBLE = backFillSaga<number>({
  kind: 'back-fill old_rows.doubled',
  batchRows: BATCH,
  restMs: 5,
  async fill(tx, after = 0, limit) {
    const rows = await tx<{ n: number }[]>`
      update old_rows set doubled = n * 2, writes = writes + 1
      where n in (select n from old_rows where n > ${after} order by n limit ${limit}) returning n`;
    const numbers = rows.map(({ n }) => n);
    if (failsAt !== undefined && numbers.includes(failsAt)) {
      failsAt = undefined;
      throw new Error('the process dies');
    }
    return numbers.length === 0 ? { rows: 0 } : { rows: numbers.length, last: Math.max(...numbers) };
  },
});
const KINDS = [anySaga(DOUBLE)];

const startRunner = () => startJobRunner({ sql: database.open().sql, kinds: [sagaJobs(KINDS)], log, pollMs: 10 });
const progressOf = async (id: string) => (await readSaga(sql, KINDS, tid, id))?.progress ?? 0;

test('[OPS-6] a back-fill goes on where it stood, writes each row once, and shows its progress', async () => {
  const id = await sql.begin((tx) => startSaga(tx, DOUBLE, { tid, subject: 'old_rows', state: {}, total: ROWS }));
  const first = startRunner();
  await vi.waitUntil(async () => (await progressOf(id)) >= 2 * BATCH, 20_000);
  await first.stop();
  const stoodAt = await progressOf(id);
  const [written] = await sql<{ count: number }[]>`select count(*)::int as count from old_rows where writes > 0`;
  expect(written?.count).toBe(stoodAt);

  const second = startRunner();
  await vi.waitUntil(async () => (await readSaga(sql, KINDS, tid, id))?.status === 'done', 40_000);
  await second.stop();

  expect(await readSaga(sql, KINDS, tid, id)).toMatchObject({ progress: ROWS, total: ROWS, error: null });
  expect(await sql`select n from old_rows where writes <> 1 or doubled <> n * 2`).toEqual([]);
  expect(failsAt).toBeUndefined();
});
