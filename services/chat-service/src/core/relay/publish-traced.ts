import type { PublishAck, Publisher } from '@messagecore/bus';
import { traceHeader, type Tracing } from '@messagecore/runtime';
import type { Publication } from './publications.ts';

/** Publishes, with the traces that its messages are part of in a header. */
export function publishTraced(
  publisher: Publisher,
  { subject, payload, msgId, traces: [parent, ...others] }: Publication,
  tracing: Tracing | undefined,
): Promise<PublishAck> {
  if (parent === undefined) return publisher.publish(subject, payload, msgId);
  const attributes = { 'messaging.system': 'nats', 'messaging.destination.name': subject };
  const span = tracing?.child(parent, 'publish', { kind: 'producer', links: others, attributes });
  const acknowledged = publisher.publish(
    subject,
    payload,
    msgId,
    traceHeader([span?.traceparent ?? parent, ...others]),
  );
  void acknowledged.then(
    () => span?.end(),
    () => span?.end({ error: 'not_acknowledged' }),
  );
  return acknowledged;
}
