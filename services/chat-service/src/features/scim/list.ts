/** Lists of resources (RFC 7644, 3.4.2): pages are read as pages, and a filter looks through all of them in pieces. */
import { type SQL, sql as part } from '../../platform/database/drizzle.ts';
import { bounds, equalTo, filterOf, listResponse, type ListQuery, selected } from './query.ts';

export interface Asked {
  readonly where?: SQL | undefined;
  /** The key of the last one before. */
  readonly after?: string | undefined;
  readonly offset?: number;
  readonly limit: number;
}

/** Resources of one kind of a tenant, in the order of their keys: as plain objects, of which many are looked at. */
export interface Source<R extends object> {
  /** What a filter that is nothing but `attribute eq "value"` is in SQL. */
  readonly equal: Readonly<Record<string, (value: string) => SQL>>;
  readonly count: (where: SQL | undefined) => Promise<number>;
  /** May be fewer than the limit, but is none only when there are none. */
  readonly read: (asked: Asked) => Promise<readonly { readonly key: string; readonly resource: R }[]>;
  /** As it is answered: costs much more than to look at it. */
  readonly show: (one: R) => object;
  /** Whether the answer has room for one more. */
  readonly fits: (shown: readonly R[], one: R) => boolean;
}

/** Resources that are in memory at once. */
const PIECE = 1_000;

export async function list<R extends object>(source: Source<R>, query: ListQuery): Promise<object> {
  const where = equality(source, query.filter);
  if (query.filter !== undefined && where === undefined) return lookThrough(source, query.filter, query);
  const { from, count } = bounds(query);
  const total = await source.count(where);
  const rows = count === 0 ? [] : await source.read({ where, offset: from - 1, limit: count });
  return listResponse(
    total,
    from,
    rows.map(({ resource }) => selected(source.show(resource), query)),
  );
}

function equality<R extends object>({ equal }: Source<R>, filter: string | undefined): SQL | undefined {
  for (const [attribute, whereOf] of Object.entries(equal)) {
    const value = equalTo(filter, attribute);
    // No text in the database has a NUL.
    if (value !== undefined) return value.includes('\0') ? part`false` : whereOf(value);
  }
  return undefined;
}

async function lookThrough<R extends object>(source: Source<R>, filter: string, query: ListQuery): Promise<object> {
  const matching = filterOf(filter);
  const { from, count } = bounds(query);
  const shown: R[] = [];
  let [total, isFull, after] = [0, false, undefined as string | undefined];
  for (;;) {
    const rows = await source.read({ after, limit: PIECE });
    for (const one of matching(rows.map(({ resource }) => resource))) {
      total += 1;
      if (total < from || isFull) continue;
      isFull = shown.length === count || !source.fits(shown, one);
      if (!isFull) shown.push(one);
    }
    after = rows.at(-1)?.key;
    if (after === undefined) break;
  }
  return listResponse(
    total,
    from,
    shown.map((one) => selected(source.show(one), query)),
  );
}
