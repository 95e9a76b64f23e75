/**
 * Publishes what was just committed, at once, and deletes its outbox rows when the stream has it (CORE-3, CORE-4).
 *
 * Invariants: publications of one conversation are sent in the order in which they were handed over; the write path never
 * waits and never sees an error; memory is bounded by the publisher. Whatever fails here, publishing or deleting, leaves
 * the row for the relay, which takes it as soon as it is told, or when it is too old to be this one's (writer-time.ts).
 */
import type { Publisher } from '@messagecore/bus';
import type { Logger, LoopTiming, Tracing } from '@messagecore/runtime';
import type { Committed, Publish } from '../outbox/committed.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { forget, giveUp } from './outbox.ts';
import { publicationsOf } from './publications.ts';
import { publishTraced } from './publish-traced.ts';
import { startSettling } from './settle-rows.ts';

export interface PublishDeps {
  readonly sql: Sql;
  readonly publisher: Publisher;
  readonly log: Logger;
  readonly timing?: LoopTiming;
  readonly tracing?: Tracing | undefined;
  /** Told of each transaction whose ranges were published, or were left to the relay. */
  readonly onSettled?: (result: 'published' | 'left') => void;
}

export interface Publishing {
  readonly publish: Publish;
  /** Settles when everything handed over was published or left, and what was published is deleted. */
  stop(): Promise<void>;
}

export function startPublishing({
  sql,
  publisher,
  log,
  timing = {},
  tracing,
  onSettled = () => {},
}: PublishDeps): Publishing {
  const underWay = new Set<Promise<void>>();
  const rows = startSettling({
    ...{ name: 'outbox', log, timing },
    forget: forget.bind(null, sql),
    giveUp: giveUp.bind(null, sql),
  });

  async function settle({ outboxId, ranges }: Committed): Promise<void> {
    try {
      const publications = ranges.flatMap(publicationsOf);
      await Promise.all(publications.map((publication) => publishTraced(publisher, publication, tracing)));
      rows.published(outboxId);
      onSettled('published');
    } catch (err) {
      log.debug({ err, outboxId }, 'left to the relay');
      rows.left(outboxId);
      onSettled('left');
    }
  }

  return {
    publish(committed) {
      const settling = settle(committed).finally(() => underWay.delete(settling));
      underWay.add(settling);
    },
    async stop() {
      await Promise.all(underWay);
      await rows.stop();
    },
  };
}
