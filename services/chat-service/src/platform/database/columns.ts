/** Column types that the tables share. */
import { type SQL, sql, bigint, customType, timestamp } from './drizzle.ts';

/** A moment to the millisecond, the precision of the wire. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** A `seq`, `rev` or other number that counts up from 0. */
export const counter = (name: string) => bigint(name, { mode: 'number' });

/** Bytes as they are. */
export const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

/** Written as text: drizzle's own `jsonb` and the client library would both turn it into JSON, one the text of the other. */
export const json = customType<{ data: unknown }>({ dataType: () => 'jsonb', toDriver: jsonb });

function jsonb(value: unknown): SQL {
  return sql`${JSON.stringify(value)}::text::jsonb`;
}

/** JSON whose text matters (the type `jsonb` would rewrite it); read it with `::text`. */
export const jsonText = customType<{ data: string }>({ dataType: () => 'json' });
