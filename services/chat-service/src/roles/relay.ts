/**
 * From the outbox to the bus. A process that commits publishes at once what it has committed; the role `relay` publishes what
 * stayed behind, whoever committed it, and guards the stream.
 */
import { Activity } from '../core/conversations/activity.ts';
import type { Publish } from '../core/outbox/committed.ts';
import { type PublicationOfCommits, startPublication } from '../core/relay/start.ts';
import type { Store } from '../platform/database/connect.ts';
import type { Base } from './base.ts';
import type { Buses } from './connections.ts';

export async function startRelay(base: Base, store: Store, { bus, captured }: Buses): Promise<PublicationOfCommits> {
  const { config, metrics, log, life } = base;
  const relays = config.roles?.has('relay') ?? true;
  const publication = await startPublication({ ...store, bus: captured, signals: bus, metrics, log, relays });
  life.add({ name: 'publication', stop: () => publication.stop(), stopTimeoutMs: 6_000 });
  return { ...publication, publish: withActivity(base, store, publication.publish) };
}

/** Has the order of conversations follow what is committed, beside its publication. */
function withActivity({ log, life }: Base, { sql }: Store, publish: Publish): Publish {
  const activity = new Activity({ sql, log });
  life.add({ name: 'activity', stop: () => activity.stop() });
  return (committed) => {
    activity.note(committed);
    publish(committed);
  };
}
