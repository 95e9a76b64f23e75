import type { Page, Saga, SagasQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../database/connect.ts';
import { decodeCursor, encodeCursor } from '../http/cursor.ts';
import { PLATFORM_TENANT } from '../jobs/enqueue.ts';
import type { AnySaga } from './saga.ts';

const Position = z.tuple([z.string(), z.uuid()]);

type SagaRow = Omit<Saga, 'step'> & { readonly step: number; readonly moment: string };

const columns = (sql: Sql) => sql`
  id, nullif(tenant_id, ${PLATFORM_TENANT}) as "tenantId", kind, subject, status, step, progress, total, error,
  created_at::text as moment, (extract(epoch from created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from updated_at) * 1000)::float8 as "updatedAt"`;

/** All tenants' sagas, newest first. */
export async function listSagas(
  sql: Sql,
  kinds: readonly AnySaga[],
  { status, limit, cursor }: SagasQuery,
): Promise<Page<Saga>> {
  const [moment, id] = decodeCursor(cursor, Position) ?? [null, null];
  const rows = await sql<SagaRow[]>`
    select ${columns(sql)} from sagas
    where (${status ?? null}::text is null or status = ${status ?? null})
      and (${moment}::timestamptz is null or (created_at, id) < (${moment}::timestamptz, ${id}::uuid))
    order by created_at desc, id desc limit ${limit + 1}`;
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last ? encodeCursor([last.moment, last.id]) : null;
  return { items: shown.map((row) => viewOf(kinds, row)), next };
}

export async function getSaga(sql: Sql, kinds: readonly AnySaga[], id: string): Promise<Saga | undefined> {
  const [row] = await sql<SagaRow[]>`select ${columns(sql)} from sagas where id = ${id}`;
  return row && viewOf(kinds, row);
}

/** A step's name, where this process knows the kind. */
function viewOf(kinds: readonly AnySaga[], { moment: _moment, step, ...row }: SagaRow): Saga {
  const hasEnded = row.status === 'done' || row.status === 'undone';
  const name = kinds.find(({ kind }) => kind === row.kind)?.steps[step]?.name;
  return { ...row, step: hasEnded ? null : (name ?? null) };
}
