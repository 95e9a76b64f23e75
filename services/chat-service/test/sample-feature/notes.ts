import type { Sql, Transaction } from '../../src/platform/database/connect.ts';

export const MAX_NOTE = 100;

type Origin = 'rest' | 'call' | 'job' | 'event';

/** Writes down a note; doing it again changes nothing. */
export async function addNote(sql: Sql | Transaction, origin: Origin, note: string): Promise<void> {
  await sql`insert into sample_notes (origin, note) values (${origin}, ${note}) on conflict do nothing`;
}

export async function readNotes(sql: Sql): Promise<string[]> {
  const rows = await sql<{ origin: string; note: string }[]>`
    select origin, note from sample_notes order by origin, note`;
  return rows.map(({ origin, note }) => `${origin} ${note}`);
}
