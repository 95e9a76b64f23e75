/** Parts of typed statements. */
import { type AnyColumn, type GetColumnData, sql, type SQL } from './drizzle.ts';

/** A moment as the wire has it, in milliseconds since 1970; `Infinity` where it is for ever. */
export function millis<T extends AnyColumn>(moment: T): SQL<number | Extract<GetColumnData<T>, null>> {
  return sql`(extract(epoch from ${moment}) * 1000)::float8`;
}

/** So many milliseconds after the transaction began. */
export const fromNow = (ms: number): SQL<Date> => sql`now() + ${ms} * interval '1 millisecond'`;

/** The moment of so many milliseconds since 1970, null without one. */
export function momentOf(ms: number | null): SQL<Date> {
  return sql`to_timestamp(${ms}::float8 / 1000)`;
}

/** Whether the column has one of the values. One parameter, so that the statement is the same for any number of them. */
export function isAnyOf<T extends AnyColumn>(column: T, values: readonly GetColumnData<T, 'raw'>[]): SQL {
  return sql`${column} = any(${sql.param(values)}::${sql.raw(column.getSQLType())}[])`;
}

/** Whether the moment is still to come; null without one. */
export const isAhead = (moment: AnyColumn): SQL<boolean | null> => sql`${moment} > now()`;

/** One more than the number in the column. */
export const next = (counter: AnyColumn): SQL<number> => sql`${counter} + 1`;

/** The moment at which the transaction began. */
export const now = (): SQL<Date> => sql`now()`;
