import type { Bus } from '@messagecore/bus';
import { ChatError } from '@messagecore/protocol';
import { backgroundOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../database/connect.ts';
import { bindOperation, type BoundOperation } from '../operations/carry-out.ts';
import type { ConsumerKind } from './consumer.ts';
import { listConsumers, listDeadLetters } from './consumer-queries.ts';
import { deleteDeadLetter, setPaused } from './consumer-store.ts';
import { replayDeadLetter } from './dead-letters.ts';

export interface ConsumerDeps {
  readonly sql: Sql;
  /** For the work of a dead letter that is tried again. */
  readonly background: Sql;
  readonly bus: Pick<Bus, 'request'>;
  readonly kinds: readonly ConsumerKind[];
}

export function bindConsumers({ sql, background, bus, kinds }: ConsumerDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.listConsumers, async () => ({ items: await listConsumers(sql, bus, kinds) })),
    bindOperation(operations.pauseConsumer, (_, { name }) => pause(sql, name, true)),
    bindOperation(operations.resumeConsumer, (_, { name }) => pause(sql, name, false)),
    bindOperation(operations.listDeadLetters, (_, query) => listDeadLetters(sql, query)),
    bindOperation(operations.replayDeadLetter, (_, { id }) =>
      replayDeadLetter(background, kinds, id).catch((cause: unknown) => {
        if (cause instanceof ChatError) throw cause;
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new ChatError('conflict', `it failed again: ${why}`, { cause });
      }),
    ),
    bindOperation(operations.deleteDeadLetter, async (_, { id }) => {
      await deleteDeadLetter(sql, id);
    }),
  ];
}

async function pause(sql: Sql, name: string, paused: boolean): Promise<void> {
  if (!(await setPaused(sql, name, paused))) throw new ChatError('not_found', 'no such consumer');
}
