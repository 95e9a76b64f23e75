import { Millis } from '@messagecore/protocol';
import type { Page, Saga, SagasQuery } from '@messagecore/protocol/features';
import { and, desc, eq, getTableColumns, sql as part } from '../database/drizzle.ts';
import { z } from 'zod';
import type { Sql } from '../database/connect.ts';
import { db } from '../database/db.ts';
import { millis, momentOf } from '../database/expressions.ts';
import { decodeCursor, pageOf } from '../http/cursor.ts';
import { tenantOf } from '../jobs/enqueue.ts';
import type { AnySaga } from './saga.ts';
import { sagas } from './tables.ts';

const Position = z.tuple([Millis, z.uuid()]);

const { state: _state, ...ownColumns } = getTableColumns(sagas);
const columns = {
  ...ownColumns,
  createdAt: millis(sagas.createdAt),
  updatedAt: millis(sagas.updatedAt),
};

type SagaRow = Omit<Saga, 'step' | 'tenantId'> & {
  readonly tenantId: string;
  readonly step: number;
};

/** All tenants' sagas, newest first. */
export async function listSagas(
  sql: Sql,
  kinds: readonly AnySaga[],
  { status, limit, cursor }: SagasQuery,
): Promise<Page<Saga>> {
  const after = decodeCursor(cursor, Position);
  const rows = await db(sql)
    .select(columns)
    .from(sagas)
    .where(and(status && eq(sagas.status, status), after && isBehind(...after)))
    .orderBy(desc(sagas.createdAt), desc(sagas.id))
    .limit(limit + 1);
  const { items, next } = pageOf(rows, limit, (last) => [last.createdAt, last.id]);
  return { items: items.map((row) => viewOf(kinds, row)), next };
}

const isBehind = (createdAt: number, id: string) =>
  part`(${sagas.createdAt}, ${sagas.id}) < (${momentOf(createdAt)}, ${id}::uuid)`;

export async function getSaga(sql: Sql, kinds: readonly AnySaga[], id: string): Promise<Saga | undefined> {
  const [row] = await db(sql).select(columns).from(sagas).where(eq(sagas.id, id));
  return row && viewOf(kinds, row);
}

/** A step's name, where this process knows the kind. */
function viewOf(kinds: readonly AnySaga[], { step, ...row }: SagaRow): Saga {
  const hasEnded = row.status === 'done' || row.status === 'undone';
  const name = kinds.find(({ kind }) => kind === row.kind)?.steps[step]?.name;
  return { ...row, tenantId: tenantOf(row), step: hasEnded ? null : (name ?? null) };
}
