import { eq } from '../database/drizzle.ts';
import type { Sql } from '../database/connect.ts';
import { db } from '../database/db.ts';
import { consumerDeadLetters, consumers } from './tables.ts';

export interface ConsumerState {
  readonly name: string;
  readonly paused: boolean;
  readonly deadLetters: number;
}

/** What PostgreSQL knows of the consumers that have begun. */
export async function consumerStates(sql: Sql): Promise<readonly ConsumerState[]> {
  const deadLetters = db(sql).$count(consumerDeadLetters, eq(consumerDeadLetters.consumer, consumers.name));
  return db(sql).select({ name: consumers.name, paused: consumers.paused, deadLetters }).from(consumers);
}
