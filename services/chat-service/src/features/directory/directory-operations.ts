import { createBulkhead } from '@messagecore/kernel';
import { directoryOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { tooMany } from '../../platform/rate-limits/too-many.ts';
import { listDirectory } from './list-directory.ts';

/** A search looks at every channel of a tenant: it must not take the connections that everything else needs. */
const SEARCHES = { atOnce: 2, ofOneKey: 8, ofAll: 32, refusal: tooMany };

export function bindDirectory(sql: Sql): readonly BoundOperation[] {
  const search = createBulkhead(SEARCHES);
  return [
    bindOperation(
      operations.listDirectory,
      (reader, query) => listDirectory(sql, reader, query),
      ({ tid }, { q }, list) => (q === undefined ? list() : search(tid, list)),
    ),
  ];
}
