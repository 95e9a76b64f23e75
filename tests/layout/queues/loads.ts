/** What fills and empties a queue, at a constant rate, by the statements of the product. */
import type { Transaction } from '../../../services/chat-service/src/platform/database/connect.ts';
import { appendBatch } from '../../../services/chat-service/src/core/messages/append-batch.ts';
import { forget, oldest } from '../../../services/chat-service/src/core/relay/outbox.ts';
import { OutboxFloor } from '../../../services/chat-service/src/core/relay/outbox-floor.ts';
import { ORPHAN_AGE_MS, WRITER_MS } from '../../../services/chat-service/src/core/relay/writer-time.ts';
import type { Store } from '../../../services/chat-service/src/platform/database/connect.ts';
import { enqueueAll } from '../../../services/chat-service/src/platform/jobs/enqueue.ts';
import { claim, finish } from '../../../services/chat-service/src/platform/jobs/job-store.ts';
import { messageIn, randomOf, someOf, TENANT } from '../messages/population.ts';

export interface Load {
  readonly perSecond: number;
  /** Puts rows into the queue, and takes out what was put there a moment ago. */
  readonly put: (n: number) => Promise<void>;
  /** Looks for the next rows. */
  readonly fetch: () => Promise<unknown>;
  /** The same, without what the product does against rows that cannot go. */
  readonly plainFetch?: () => Promise<unknown>;
}

/** 5,000 messages a second; each batch has a row, deleted with others some 200 ms later. */
export function loadOutbox({ write, sql }: Store): Load {
  const random = randomOf(1);
  const published: number[] = [];
  const floor = new OutboxFloor();
  const fetch = (from: number) =>
    oldest(sql, { from, ageMs: WRITER_MS, orphanAgeMs: ORPHAN_AGE_MS, rows: 64, frames: 2_000 });
  return {
    perSecond: 100,
    async put(n) {
      const { committed } = await appendBatch(write, someOf(random, 50).map(messageIn), []);
      if (committed !== undefined) published.push(committed.outboxId);
      if (n % 20 === 19) await forget(sql, published.splice(0, published.length));
    },
    async fetch() {
      await floor.raise(sql);
      await fetch(floor.id);
    },
    plainFetch: () => fetch(0),
  };
}

const JOBS = 20;

/** 400 jobs a second of one tenant: enqueued, claimed, and deleted by the transactions that do them. */
export function loadJobs({ sql }: Store): Load {
  const job = { kind: 'layout', tid: TENANT, payload: { about: 'nothing' } };
  const one = { kinds: ['layout'], limit: JOBS, leaseMs: 60_000, after: '00000000-0000-0000-0000-000000000000' };
  const all = Array.from({ length: JOBS }, () => job);
  return {
    perSecond: 20,
    async put() {
      await enqueueAll(sql, all);
      const jobs = await claim(sql, one);
      await sql.begin(async (tx) => {
        for (const taken of jobs) await finish(tx as Transaction, taken);
      });
    },
    fetch: () => claim(sql, { ...one, kinds: ['of no kind that there is'] }),
  };
}
