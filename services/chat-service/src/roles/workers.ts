/** The role `workers`: consumers of the stream. Processes with this role divide the events of each consumer. */
import { connectBus } from '@messagecore/bus';
import type { ConsumerKind } from '../platform/consumers/consumer.ts';
import { startConsumer } from '../platform/consumers/consumer-runner.ts';
import type { Sql } from '../platform/database/connect.ts';
import type { Base } from './base.ts';

/** What a batch under way may still take. */
const STOP_TIMEOUT_MS = 10_000;

/** On a connection of their own: what they read never delays what is published or answered. */
export async function startWorkers(base: Base, consumers: readonly ConsumerKind[], sql: Sql): Promise<void> {
  const { config, log, metrics, life, tracing } = base;
  if (consumers.length === 0) return;
  const bus = await connectBus({ url: config.natsUrl, name: 'chat-service consumers', log });
  life.add({ name: 'bus of consumers', stop: () => bus.drain() });
  const lag = metrics.gauge('bus_consumer_lag', 'Events of the stream that a consumer has not handled yet', {
    labels: ['consumer'],
  });
  const events = metrics.counter('bus_consumer_events_total', 'Events handled, failed, or put among the dead letters', [
    ...(['consumer', 'result'] as const),
  ]);
  for (const consumer of consumers) {
    const { name } = consumer;
    const runner = startConsumer({
      ...{ consumer, bus, sql, log, tracing },
      ...(config.eventLeaseMs !== undefined && { ackWaitMs: config.eventLeaseMs }),
      onLag: (count) => lag.set({ consumer: name }, count),
      onHandled: (result, count) => events.inc({ consumer: name, result }, count),
    });
    life.add({ name: `consumer ${name}`, stop: () => runner.stop(), stopTimeoutMs: STOP_TIMEOUT_MS });
  }
}
