/** The directory of public channels (CONV-4). */
import type { ConsumerKind } from '../../platform/consumers/consumer.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { directoryConsumer } from './directory.consumer.ts';
import { bindDirectory } from './directory-operations.ts';

export interface DirectoryDeps {
  readonly sql: Sql;
  /** For the consumer. */
  readonly background: Sql;
}

export interface Directory {
  readonly operations: readonly BoundOperation[];
  readonly consumers: readonly ConsumerKind[];
}

export function createDirectory({ sql, background }: DirectoryDeps): Directory {
  return { operations: bindDirectory(sql), consumers: [directoryConsumer(background)] };
}
