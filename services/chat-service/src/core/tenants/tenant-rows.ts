/**
 * The rows of one tenant, in whatever table they are. Tables are found in the catalogue of the database, so that none is
 * forgotten: those with a `tenant_id`, and those whose rows belong to a conversation or a user of the tenant.
 *
 * Raw SQL: tables of all layers, by name. The one exception to the law that a table is written by its owner alone.
 */
import type { Transaction } from '../../platform/database/connect.ts';

export interface TenantTable {
  readonly name: string;
  /** How its rows are found: by their own `tenant_id`, or by the conversations or users of the tenant. */
  readonly by: 'tenant' | 'conversations' | 'users';
}

interface CatalogueRow {
  readonly name: string;
  readonly columns: readonly string[];
  /** First columns of its indexes. */
  readonly leading: readonly string[];
  /** Tables that its foreign keys name. */
  readonly parents: readonly string[];
}

/** Where rows that belong to others are found, and the columns that name those. */
const OWNERS = {
  conversations: { id: 'conversation_id', column: 'conversation_id' },
  users: { id: 'id', column: 'user_id' },
} as const;

/** All tables with rows of tenants but `tenants`, in an order in which none has rows that others still need. */
export async function tenantTables(tx: Transaction): Promise<readonly TenantTable[]> {
  const rows = await tx<CatalogueRow[]>`
    select c.relname as name,
      array(select attname::text from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,
      array(select a.attname::text from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
        where i.indrelid = c.oid and i.indpred is null) as leading,
      array(select p.relname::text from pg_constraint f join pg_class p on p.oid = f.confrelid
        where f.conrelid = c.oid and f.contype = 'f' and p.oid <> c.oid) as parents
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition
    order by c.relname`;
  const tables = rows.flatMap((row) => {
    const by = wayTo(row);
    if (by === undefined) return [];
    return [{ name: row.name, by, parents: by === 'tenant' ? row.parents : [...row.parents, by] }];
  });
  return childrenFirst(tables);
}

function wayTo({ name, columns, leading }: CatalogueRow): TenantTable['by'] | undefined {
  const hasTenant = columns.includes('tenant_id');
  if (hasTenant && leading.includes('tenant_id')) return 'tenant';
  for (const by of ['conversations', 'users'] as const) {
    const { column } = OWNERS[by];
    if (name !== by && columns.includes(column) && (leading.includes(column) || !hasTenant)) return by;
  }
  return hasTenant ? 'tenant' : undefined;
}

function childrenFirst(tables: readonly (TenantTable & { readonly parents: readonly string[] })[]): TenantTable[] {
  const ordered: TenantTable[] = [];
  for (let left = tables; left.length > 0;) {
    const needed = new Set(left.flatMap(({ parents }) => parents));
    const free = left.filter(({ name }) => !needed.has(name));
    // Tables whose keys name each other in a circle have no order: the statements say what is wrong.
    const next = free.length > 0 ? free : left;
    ordered.push(...next.map(({ name, by }) => ({ name, by })));
    left = left.filter((table) => !next.includes(table));
  }
  return ordered;
}

/** Rows in one transaction, and conversations or users whose rows are looked for in it. */
const PIECE = 2_000;
const OWNERS_AT_ONCE = 500;

export interface Deleted {
  readonly rows: number;
  /** The conversation or user up to which there is nothing left; undefined when the table has nothing left at all. */
  readonly next: string | undefined;
}

export const FIRST_OWNER = '00000000-0000-0000-0000-000000000000';

/** Deletes a piece of a tenant's rows behind the owner `after`. */
export async function deletePiece(
  tx: Transaction,
  { name, by }: TenantTable,
  tid: string,
  after: string,
): Promise<Deleted> {
  // The log of actions lets go of a tenant's entries for this tenant alone.
  await tx`select set_config('messagecore.deleted_tenant', ${tid}, true)`;
  if (by === 'tenant') {
    const { count } = await tx`
      delete from ${tx(name)} where ctid = any(array(
        select ctid from ${tx(name)} where tenant_id = ${tid} limit ${PIECE}
      ))`;
    return { rows: count, next: count < PIECE ? undefined : after };
  }
  const { id, column } = OWNERS[by];
  const [piece] = await tx<{ rows: number; last: string | null }[]>`
    with owner as materialized (
      select ${tx(id)} as id from ${tx(by)} where tenant_id = ${tid} and ${tx(id)} > ${after}
      order by 1 limit ${OWNERS_AT_ONCE}
    ),
    gone as (
      delete from ${tx(name)} where ctid = any(array(
        select t.ctid from owner join ${tx(name)} t on t.${tx(column)} = owner.id limit ${PIECE}
      )) returning 1
    )
    select (select count(*) from gone) as rows, (select id from owner order by id desc limit 1) as last`;
  const { rows = 0, last = null } = piece ?? {};
  return { rows, next: rows < PIECE ? (last ?? undefined) : after };
}
