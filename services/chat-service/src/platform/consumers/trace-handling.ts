import type { PulledMessage } from '@messagecore/bus';
import { childrenOf, type TraceSpan, type Tracing } from '@messagecore/runtime';

/** Spans of one batch at the most. */
const MOST = 64;

/** A span for each recorded trace that reaches a consumer with these events, as long as it handles them. */
export function traceHandling(
  tracing: Tracing,
  consumer: string,
  events: readonly Pick<PulledMessage, 'traceparent' | 'streamSeq'>[],
): readonly TraceSpan[] {
  const spans: TraceSpan[] = [];
  for (const { traceparent, streamSeq } of events) {
    if (spans.length >= MOST) break;
    const attributes = { consumer, 'messaging.system': 'nats', 'messaging.message.id': streamSeq };
    spans.push(...childrenOf(tracing, traceparent, 'consume', { kind: 'consumer', attributes }));
  }
  return spans;
}
