import { type Bus, deleteStream } from '@messagecore/bus';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { next } from '../../platform/database/expressions.ts';
import { conversations } from './tables.ts';

/**
 * After the history was restored from a backup: raises the epoch of every conversation, so that whoever has seen a lost
 * message is told to start over, and deletes the stream, which still holds the lost ones and would take new messages under
 * their numbers for repeats. The stream's guard makes it again and fills it. Doing this twice does no harm.
 *
 * @returns how many conversations there are. @throws when PostgreSQL or JetStream does not answer.
 */
export async function raiseEpochs(sql: Sql, bus: Pick<Bus, 'request'>): Promise<number> {
  const { count } = await db(sql)
    .update(conversations)
    .set({ epoch: next(conversations.epoch) });
  await deleteStream(bus);
  return count;
}
