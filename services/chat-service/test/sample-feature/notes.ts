import type { Sql, Transaction } from '../../src/platform/database/connect.ts';
import { db } from '../../src/platform/database/db.ts';
import { sampleNotes } from './tables.ts';

export const MAX_NOTE = 100;

type Origin = 'rest' | 'call' | 'job' | 'event';

/** Writes down a note; doing it again changes nothing. */
export async function addNote(sql: Sql | Transaction, origin: Origin, note: string): Promise<void> {
  await db(sql).insert(sampleNotes).values({ origin, note }).onConflictDoNothing();
}

export async function readNotes(sql: Sql): Promise<string[]> {
  const rows = await db(sql).select().from(sampleNotes).orderBy(sampleNotes.origin, sampleNotes.note);
  return rows.map(({ origin, note }) => `${origin} ${note}`);
}
