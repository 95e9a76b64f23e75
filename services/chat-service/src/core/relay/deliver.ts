import type { Publisher } from '@messagecore/bus';
import type { Tracing } from '@messagecore/runtime';
import type { CommittedRange } from '../outbox/committed.ts';
import { publicationsOf } from './publications.ts';
import { publishTraced } from './publish-traced.ts';

/** Bytes and publications on their way at once: what waits in no queue of the publisher's is acknowledged within its time. */
const WINDOW_BYTES = 8 * 1024 * 1024;
const WINDOW = 512;

/**
 * Publishes ranges in their order, pipelined, and settles when the stream has all of them.
 *
 * @throws the first failure, after everything on its way has settled; what came before it may be in the stream.
 */
export async function deliver(
  publisher: Publisher,
  ranges: AsyncIterable<CommittedRange>,
  tracing?: Tracing,
): Promise<number> {
  const onTheirWay: Promise<void>[] = [];
  const failures: unknown[] = [];
  let bytes = 0;
  let count = 0;
  const settle = async () => {
    await Promise.all(onTheirWay.splice(0));
    bytes = 0;
    if (failures.length > 0) throw failures[0];
  };
  for await (const range of ranges) {
    for (const publication of publicationsOf(range)) {
      const acknowledged = publishTraced(publisher, publication, tracing);
      onTheirWay.push(
        acknowledged.then(
          () => {},
          (error: unknown) => void failures.push(error),
        ),
      );
      bytes += publication.payload.length;
      count += 1;
      if (bytes > WINDOW_BYTES || onTheirWay.length >= WINDOW || failures.length > 0) await settle();
    }
  }
  await settle();
  return count;
}
