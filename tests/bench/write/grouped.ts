import { createLogger, createMetrics } from '@messagecore/runtime';
import { createGroupCommit } from '../../../services/chat-service/src/core/messages/group-commit.ts';
import { createWriteMetrics } from '../../../services/chat-service/src/core/messages/write-metrics.ts';
import type { Sql } from '../../../services/chat-service/src/platform/database/connect.ts';
import type { Writer } from './writer.ts';

/** The product's own send path. Rate limits and publication are left out, as they are on the other side. */
export function groupedWriter(sql: Sql): Writer {
  const appender = createGroupCommit({
    sql,
    limits: { take: (sends) => Promise.resolve(sends.map(() => 0)), giveBack: async () => {} },
    publish: () => {},
    metrics: createWriteMetrics(createMetrics('bench')),
    log: createLogger({ name: 'bench', level: 'warn' }),
  });
  return {
    write: async (item) => (await appender.append(item)).seq,
    stop: () => appender.close(),
  };
}
