import { ChatError } from '@messagecore/protocol';
import { backgroundOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../database/connect.ts';
import { bindOperation, type BoundOperation } from '../operations/carry-out.ts';
import type { AnySaga } from './saga.ts';
import { getSaga, listSagas } from './saga-queries.ts';

/** `kinds` name the steps. */
export function bindSagas(sql: Sql, kinds: readonly AnySaga[]): readonly BoundOperation[] {
  return [
    bindOperation(operations.listSagas, (_, query) => listSagas(sql, kinds, query)),
    bindOperation(operations.getSaga, async (_, { id }) => {
      const saga = await getSaga(sql, kinds, id);
      if (saga === undefined) throw new ChatError('not_found', 'no such saga');
      return saga;
    }),
  ];
}
