/** What is recorded of frames: a span of each send that begins a recorded trace, and lines of the log. */
import { isFault, type UpFrame } from '@messagecore/protocol';
import { isRpcError, type RpcError, type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import type { Logger, SuccessLog, TraceSpan, Tracing, Watches } from '@messagecore/runtime';

/** A send of which something is recorded. */
export interface ObservedSend {
  /** By which chat-services continue its trace; undefined when it has none. */
  readonly traceparent: string | undefined;
  settled(answer: RpcResult<'send'> | RpcError): void;
}

export interface Observation {
  /** Undefined for nearly all sends, which costs them nothing. */
  send(item: RpcItem<'send'>): ObservedSend | undefined;
  /** Logs a send that nobody observed, and that failed by a fault of ours. */
  failed(item: RpcItem<'send'>, refusal: RpcError): void;
  /** Logs the frame, where its user or its conversation is watched. */
  frame(session: { readonly tid: string; readonly userId: string; readonly sid: string }, frame: UpFrame): void;
}

export interface ObservationDeps {
  readonly tracing: Tracing | undefined;
  readonly log: Pick<Logger, 'info' | 'error'>;
  readonly successes: SuccessLog;
  readonly watches: Watches;
}

export function createObservation({ tracing, log, successes, watches }: ObservationDeps): Observation {
  const settle = (item: RpcItem<'send'>, answer: RpcResult<'send'> | RpcError, isLogged: boolean, trace?: string) => {
    const { tid, cid, uid, mid } = item;
    const about = { tid, cid, uid, mid, trace };
    if (!isRpcError(answer)) {
      if (isLogged) log.info({ ...about, seq: answer.seq, repeat: answer.repeat }, 'message sent');
    } else if (isFault(answer.error)) log.error({ ...about, code: answer.error }, 'message not sent');
    else if (isLogged) log.info({ ...about, code: answer.error }, 'message refused');
  };
  return {
    send(item) {
      const isWatched = watches.includes(item);
      const isLogged = isWatched || successes.takes(item);
      const span = tracing !== undefined && (isWatched || tracing.samples()) ? beginSend(tracing, item) : undefined;
      if (span === undefined && !isLogged) return undefined;
      return {
        traceparent: span?.traceparent,
        settled(answer) {
          if (span !== undefined) endSend(span, answer);
          settle(item, answer, isLogged, span?.traceId);
        },
      };
    },
    failed: (item, refusal) => settle(item, refusal, false),
    frame({ tid, userId: uid, sid }, frame) {
      if (watches.active.length === 0) return;
      const cid = 'cid' in frame ? frame.cid : undefined;
      const ref = 'ref' in frame ? frame.ref : undefined;
      if (watches.includes({ tid, uid, cid })) log.info({ tid, cid, uid, sid, frame: frame.t, ref }, 'frame received');
    },
  };
}

function beginSend(tracing: Tracing, { tid, cid, uid, mid }: RpcItem<'send'>): TraceSpan {
  return tracing.begin('send', {
    kind: 'server',
    attributes: {
      'messagecore.tenant_id': tid,
      'messagecore.conversation_id': cid,
      'messagecore.user_id': uid,
      'messagecore.message_id': mid,
    },
  });
}

function endSend(span: TraceSpan, answer: RpcResult<'send'> | RpcError): void {
  if (isRpcError(answer)) span.end({ error: answer.error });
  else span.end({ attributes: { 'messagecore.seq': answer.seq, 'messagecore.repeat': answer.repeat } });
}
