/**
 * From the outbox to the bus. A process that commits publishes at once what it has committed; the role `relay` publishes what
 * stayed behind, whoever committed it, and guards the stream.
 */
import type { Bus } from '@messagecore/bus';
import { Activity } from '../core/conversations/activity.ts';
import type { Publish } from '../core/outbox/committed.ts';
import { InboxHints } from '../core/outbox/inbox-hints.ts';
import { createSignals } from '../core/outbox/signals.ts';
import { type PublicationOfCommits, startPublication } from '../core/relay/start.ts';
import type { Store } from '../platform/database/connect.ts';
import type { Base } from './base.ts';
import type { Buses } from './connections.ts';
import { observeDatabase } from './observe.ts';

export async function startRelay(base: Base, store: Store, { bus, captured }: Buses): Promise<PublicationOfCommits> {
  const { config, metrics, log, life, tracing } = base;
  const relays = config.roles?.has('relay') ?? true;
  if (relays) observeDatabase(metrics, store.sql);
  const publication = await startPublication({
    ...{ ...store, bus: captured, signals: bus, metrics, log, relays, tracing },
    ...(config.streamReplicas !== undefined && { streamReplicas: config.streamReplicas }),
  });
  life.add({ name: 'publication', stop: () => publication.stop(), stopTimeoutMs: 6_000 });
  const notes = [followedByOrder(base, store), saidToInboxes(base, bus)];
  return {
    ...publication,
    publish(committed) {
      for (const note of notes) note(committed);
      publication.publish(committed);
    },
  };
}

/** Has the order of conversations follow what is committed, beside its publication. */
function followedByOrder({ log, life }: Base, { sql }: Store): Publish {
  const activity = new Activity({ sql, log });
  life.add({ name: 'activity', stop: () => activity.stop() });
  return (committed) => activity.note(committed);
}

/** Has gateways hear which conversations have new messages. */
function saidToInboxes({ log, life, metrics }: Base, bus: Bus): Publish {
  const dropped = metrics.counter(
    'inbox_hints_dropped_total',
    'Conversations with news that gateways were not told of',
  );
  const hints = new InboxHints({ signals: createSignals(bus), log, onDropped: () => dropped.inc() });
  life.add({ name: 'inbox hints', stop: () => hints.stop() });
  return (committed) => hints.note(committed);
}
