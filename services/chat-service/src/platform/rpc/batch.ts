/** The form of every batched operation: `{items}` in, one result or refusal for each out, in order. */
import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError, invalid, isFault } from '@messagecore/protocol';
import {
  RPC,
  RPC_BATCH,
  RpcStamp,
  type RpcError,
  type RpcItem,
  type RpcName,
  type RpcResult,
} from '@messagecore/protocol/bus';
import type { Logger, WatchedSubject } from '@messagecore/runtime';
import { z } from 'zod';
import { asChatError } from '../database/failures.ts';
import { ANSWER_WITHIN_MS, within } from '../rate-limits/deadline.ts';
import { isTenantFault } from '../outbound/tenant-fault.ts';
import type { RequestDeadlines } from './request-deadlines.ts';

const Batch = RpcStamp.extend({ items: z.array(z.unknown()).max(RPC_BATCH) });
const decoder = new TextDecoder();

/**
 * Answers the items of one batch, in order. What it throws becomes the answer to all of them. Nothing may be started
 * after `until`, by the monotonic clock: the asker has stopped waiting, and another chat-service may have answered.
 */
export type Answer<N extends RpcName> = (
  items: readonly RpcItem<N>[],
  until: number,
) => Promise<readonly (RpcResult<N> | ChatError)[]>;

/** Where requests are noted that failed by a fault of the service, not of the caller. */
export interface FaultLog {
  readonly log: Pick<Logger, 'error' | 'debug'>;
  /** Counts it. */
  readonly onFault?: (operation: string, code: string) => void;
}

export interface BatchDeps {
  readonly deadlines: RequestDeadlines;
  readonly faults: FaultLog;
  readonly clock?: Clock;
}

/**
 * Handles one batch. Items of a wrong shape are refused by themselves and the others answered as if those had not been
 * there; a batch that comes too late is refused as a whole. Rejects only when the payload is no batch at all.
 */
export function batchHandler<N extends RpcName>(name: N, answer: Answer<N>, deps: BatchDeps) {
  const { deadlines, faults, clock = systemClock } = deps;
  const shape: z.ZodType = RPC[name].item;

  return async (payload: Uint8Array): Promise<string> => {
    const { items: asked, ...stamp } = readBatch(payload);
    const until = deadlines.until(stamp);
    const inTime = async (items: readonly RpcItem<N>[]) => {
      if (deadlines.hasPassed(until)) throw new ChatError('unavailable', 'the request came too late');
      return within(ANSWER_WITHIN_MS, answer(items, until), clock);
    };
    const items = asked.map((item) => {
      const parsed = shape.safeParse(item);
      return parsed.success ? (parsed.data as RpcItem<N>) : invalid(parsed.error);
    });
    const valid = items.filter((item): item is RpcItem<N> => !(item instanceof ChatError));
    const answers = await answerValid(name, inTime, valid, faults);
    let next = 0;
    const results = items.map((item) => (item instanceof ChatError ? item : answers[next++]));
    return JSON.stringify({
      items: results.map((result) => (result instanceof ChatError ? rpcError(result) : result)),
    });
  };
}

function readBatch(payload: Uint8Array): z.infer<typeof Batch> {
  const parsed = Batch.safeParse(parseJson(payload));
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data;
}

export function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(payload));
  } catch (cause) {
    throw new ChatError('bad_request', 'not JSON', { cause });
  }
}

async function answerValid<N extends RpcName>(
  name: N,
  answer: (items: readonly RpcItem<N>[]) => ReturnType<Answer<N>>,
  items: readonly RpcItem<N>[],
  faults: FaultLog,
): Promise<readonly (RpcResult<N> | ChatError)[]> {
  if (items.length === 0) return [];
  try {
    const answers = await answer(items);
    if (answers.length !== items.length) throw new Error(`${answers.length} answers to ${items.length} items`);
    return answers;
  } catch (error) {
    const refusal = noteFault(error, name, faults);
    return items.map(() => refusal);
  }
}

/** Counts a fault, and logs it under an id that the refusal carries too. The request is not logged, as it holds private text. */
export function noteFault(
  error: unknown,
  operation: string,
  { log, onFault }: FaultLog,
  { tid, cid, uid }: Partial<WatchedSubject> = {},
): ChatError {
  const known = asChatError(error);
  if (!isFault(known.code)) return known;
  if (isTenantFault(known)) {
    log.debug({ operation, err: known.cause }, 'a tenant’s server failed');
    return known;
  }
  onFault?.(operation, known.code);
  const correlationId = randomUUID();
  log.error({ operation, correlationId, tid, cid, uid, code: known.code, err: error }, 'request failed');
  const { retryAfterMs } = known;
  return new ChatError(
    known.code,
    `${known.message} (${correlationId})`,
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
}

export function rpcError({ code, message, retryAfterMs }: ChatError): RpcError {
  return { error: code, msg: message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
