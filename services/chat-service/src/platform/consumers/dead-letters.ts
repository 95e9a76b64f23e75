import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../database/connect.ts';
import type { ConsumerKind } from './consumer.ts';
import { deleteDeadLetter, readDeadLetter } from './consumer-store.ts';

/** Handles a dead letter once more, and deletes it. Throws `not_found`, or what the consumer throws; then it stays. */
export async function replayDeadLetter(sql: Sql, kinds: readonly ConsumerKind[], id: number): Promise<void> {
  const letter = await readDeadLetter(sql, id);
  const consumer = kinds.find(({ name }) => name === letter?.consumer);
  if (letter === undefined || consumer === undefined) throw new ChatError('not_found', 'no such dead letter');
  await consumer.handle([letter]);
  await deleteDeadLetter(sql, id);
}
