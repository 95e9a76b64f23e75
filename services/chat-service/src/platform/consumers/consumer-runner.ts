/**
 * Runs a consumer of the stream in this process. Processes that run the same consumer divide its events.
 *
 * Invariants: an event is acknowledged after it was handled, or after it was written down as a dead letter, and not
 * before; events that left the stream unhandled are made up for from PostgreSQL; a failing event holds up no other.
 */
import type { PullConsumer, PulledMessage, StreamBus } from '@messagecore/bus';
import { Backoff, type Clock, type Random, systemClock } from '@messagecore/kernel';
import { type Logger, sleep, startLoop, type Tracing } from '@messagecore/runtime';
import type { Sql } from '../database/connect.ts';
import type { ConsumerKind } from './consumer.ts';
import { addConsumer, addDeadLetter, publishedUntil, readConsumer, saveProgress } from './consumer-store.ts';
import { hasMissed, reconcileMissed } from './reconciliation.ts';
import { traceHandling } from './trace-handling.ts';

export interface ConsumerRunnerOptions {
  readonly consumer: ConsumerKind;
  readonly bus: StreamBus;
  readonly sql: Sql;
  readonly log: Logger;
  /** How long an event may take before another process tries it. */
  readonly ackWaitMs?: number;
  /** How often progress, pauses and missed events are looked at. */
  readonly checkMs?: number;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Called with the results of events, and with the number of waiting events. */
  readonly onHandled?: (result: 'handled' | 'failed' | 'dead', events: number) => void;
  readonly onLag?: (events: number) => void;
  /** None are recorded when left out. */
  readonly tracing?: Tracing | undefined;
}

export interface ConsumerRunner {
  stop(): Promise<void>;
}

const BATCH = 256;
const ATTEMPTS = 5;
const RETRY = { minMs: 500, maxMs: 60_000 };

export function startConsumer(options: ConsumerRunnerOptions): ConsumerRunner {
  const { consumer, bus, sql, log, ackWaitMs = 30_000, checkMs = 3_000, clock = systemClock } = options;
  let source: PullConsumer | undefined;
  let registered = false;

  /** Takes events while there is a source; ends with it. */
  const handling = startLoop({
    name: `consumer ${consumer.name}`,
    everyMs: Infinity,
    log,
    clock,
    async step(signal) {
      const from = source;
      if (from === undefined) return;
      try {
        await handleUntilStopped(options, from, signal);
      } catch (error) {
        if (source === from) source = undefined;
        throw error;
      }
    },
  });

  const checking = startLoop({
    name: `progress of ${consumer.name}`,
    everyMs: checkMs,
    log,
    clock,
    async step() {
      if (!registered && (await consumer.isNeeded?.(sql)) === false) return;
      if (!registered) await addConsumer(sql, consumer.name);
      registered = true;
      if ((await readConsumer(sql, consumer.name)).paused) return closeSource();
      if (source === undefined) {
        const { name, subject } = consumer;
        source = await bus.pullConsumer({ name, subject, ackWaitMs, traced: options.tracing !== undefined });
        handling.poke();
      }
      await checkProgress(options, source);
    },
  });

  async function closeSource(): Promise<void> {
    const from = source;
    source = undefined;
    await from?.stop();
  }

  return {
    async stop() {
      await checking.stop();
      await closeSource();
      await handling.stop();
    },
  };
}

/** Ends when the source is stopped, or the process stops. */
async function handleUntilStopped(
  options: ConsumerRunnerOptions,
  from: PullConsumer,
  signal: AbortSignal,
): Promise<void> {
  const { batch = BATCH, gatherMs = 0 } = options.consumer;
  for (;;) {
    const messages = await from.next(batch);
    if (messages.length === 0 || signal.aborted) return;
    await handleAll(options, messages);
    if (messages.length < batch && gatherMs > 0) await sleep(gatherMs, options.clock ?? systemClock, signal);
  }
}

async function checkProgress(
  { sql, consumer, log, onLag }: ConsumerRunnerOptions,
  source: PullConsumer,
): Promise<void> {
  // Read first: everything published before it is waiting or handled when the state is read after it.
  const until = await publishedUntil(sql);
  const state = await source.state();
  onLag?.(state.waiting + state.unacknowledged);
  if (hasMissed(await readConsumer(sql, consumer.name), state)) {
    if (await reconcileMissed(sql, consumer, state)) log.warn({ consumer: consumer.name }, 'events were missed');
    return;
  }
  const idle = state.waiting === 0 && state.unacknowledged === 0;
  const position = idle ? state.lastSeq : state.acknowledgedSeq;
  await saveProgress(sql, consumer.name, state, position, idle ? until : undefined);
}

/** Handles a batch; what fails is tried in halves, until the failing event is alone. */
async function handleAll(options: ConsumerRunnerOptions, messages: readonly PulledMessage[]): Promise<void> {
  const { consumer, onHandled, tracing } = options;
  const spans = tracing === undefined ? [] : traceHandling(tracing, consumer.name, messages);
  try {
    await consumer.handle(messages);
    for (const span of spans) span.end();
    for (const message of messages) message.acknowledge();
    onHandled?.('handled', messages.length);
  } catch (error) {
    for (const span of spans) span.end({ error: 'not_handled' });
    if (messages.length === 1) return retryOrBury(options, messages[0], error);
    const half = Math.ceil(messages.length / 2);
    await handleAll(options, messages.slice(0, half));
    await handleAll(options, messages.slice(half));
  }
}

/** Has the event delivered again later; after its last attempt it becomes a dead letter. */
async function retryOrBury(
  options: ConsumerRunnerOptions,
  message: PulledMessage | undefined,
  err: unknown,
): Promise<void> {
  if (message === undefined) return;
  const { consumer, sql, log, random, onHandled } = options;
  const { subject, streamSeq, deliveries } = message;
  const last = deliveries >= (consumer.maxAttempts ?? ATTEMPTS);
  const about = { err, consumer: consumer.name, subject, streamSeq, deliveries };
  if (last) log.error(about, 'event not handled in all its attempts');
  else log.warn(about, 'event not handled');
  onHandled?.(last ? 'dead' : 'failed', 1);
  if (!last) return message.retry(retryAfter(deliveries, random));
  await addDeadLetter(sql, consumer.name, message, deliveries, err instanceof Error ? err.message : String(err));
  message.acknowledge();
}

/** Exponential with jitter. */
function retryAfter(attempt: number, random: Random = Math.random): number {
  const backoff = new Backoff({ ...RETRY, random });
  for (let n = 1; n < attempt; n += 1) backoff.next();
  return backoff.next();
}
