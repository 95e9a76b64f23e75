import { ChatError } from '@messagecore/protocol';
import type { Metrics } from '@messagecore/runtime';
import type { Outcome } from './append-batch.ts';

export interface WriteMetrics {
  committed(items: number, seconds: number): void;
  settled(outcomes: readonly Outcome[]): void;
}

const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

export function createWriteMetrics(metrics: Metrics): WriteMetrics {
  const writes = metrics.counter('msg_write_total', 'Sends by their outcome: stored, repeat, or the error code', [
    'result',
  ]);
  const sizes = metrics.histogram('msg_write_batch_size', 'Sends in one transaction', { buckets: BATCH_SIZES });
  const durations = metrics.histogram('msg_write_commit_seconds', 'From the statement to its commit');
  return {
    committed(items, seconds) {
      sizes.observe(items);
      durations.observe(seconds);
    },
    settled(outcomes) {
      const counts = new Map<string, number>();
      for (const outcome of outcomes) {
        const result = outcome instanceof ChatError ? outcome.code : outcome.repeat ? 'repeat' : 'stored';
        counts.set(result, (counts.get(result) ?? 0) + 1);
      }
      for (const [result, count] of counts) writes.inc({ result }, count);
    },
  };
}
