/** Spans of sends. What is not part of a recorded trace costs a comparison. */
import { ChatError } from '@messagecore/protocol';
import type { RpcItem } from '@messagecore/protocol/bus';
import type { TraceSpan, Tracing } from '@messagecore/runtime';
import type { AppendItem, Outcome } from './append-batch.ts';

/** From a send's arrival to its outcome. */
export function traceStore(tracing: Tracing | undefined, item: RpcItem<'send'>): TraceSpan | undefined {
  const { tid, cid, mid, trace } = item;
  if (trace === undefined) return undefined;
  const attributes = {
    'messagecore.tenant_id': tid,
    'messagecore.conversation_id': cid,
    'messagecore.message_id': mid,
  };
  return tracing?.child(trace, 'store', { kind: 'consumer', attributes });
}

export function endStore(span: TraceSpan, outcome: Outcome): void {
  if (outcome instanceof ChatError) span.end({ error: outcome.code });
  else span.end({ attributes: { 'messagecore.seq': outcome.seq, 'messagecore.repeat': outcome.repeat } });
}

/** One transaction for many sends: in the trace of the first one that is recorded, with links to the others. */
export function traceCommit(tracing: Tracing | undefined, items: readonly AppendItem[]): TraceSpan | undefined {
  if (tracing === undefined || items.every(({ trace }) => trace === undefined)) return undefined;
  const [parent, ...links] = items.flatMap(({ trace }) => trace ?? []);
  if (parent === undefined) return undefined;
  return tracing.child(parent, 'commit', {
    kind: 'internal',
    links,
    attributes: { 'messagecore.sends': items.length },
  });
}
