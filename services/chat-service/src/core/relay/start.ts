import { type Bus, createPublisher, type Publisher, MAX_WAITING } from '@messagecore/bus';
import { systemClock } from '@messagecore/kernel';
import type { Bounded, Logger, Loop, LoopTiming, Metrics, Tracing } from '@messagecore/runtime';
import type { Publish } from '../outbox/committed.ts';
import type { PublishEvents } from '../outbox/emit.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { pendingEvents } from './event-rows.ts';
import { pending } from './outbox.ts';
import { startPublishing } from './publish-committed.ts';
import { startEventPublishing } from './publish-events.ts';
import { watchReceivers } from './receivers.ts';
import { startRelay } from './relay.ts';
import { startEventRelay } from './relay-events.ts';
import { createSendEvent } from './send-event.ts';
import { startTelling } from './tell-participants.ts';
import { guardStream, startStreamGuard } from './stream-guard.ts';
import { StreamHealth } from './stream-health.ts';
import { ACK_TIMEOUT_MS, WAIT_MS } from './writer-time.ts';

/** When the stream has acknowledged nothing for so long, what is committed is sent to gateways without waiting for it. */
const LIVE_AFTER_MS = 500;

/** What is committed while so much waits is left to the relay. */
const WAITING_BYTES = 16 * 1024 * 1024;

export interface PublicationDeps {
  readonly sql: Sql;
  /** Where the server may be silent for long. */
  readonly patient: Sql;
  /** The connection for what the stream captures. */
  readonly bus: Bus;
  /** For everything else. */
  readonly signals: Bus;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly timing?: LoopTiming;
  /** None are recorded when left out. */
  readonly tracing?: Tracing | undefined;
  /** Whether this process relays what others left in the outbox, and guards the stream. True when left out. */
  readonly relays?: boolean;
  /** Copies of the stream; 1 when left out. */
  readonly streamReplicas?: number;
  /** Runs a function when others have had their turn. */
  readonly defer?: (fn: () => void) => void;
}

export interface PublicationOfCommits {
  /** For the write path: call it with what every transaction committed, after the commit. */
  readonly publish: Publish;
  /** The same for events. */
  readonly publishEvents: PublishEvents;
  readonly health: StreamHealth;
  /** To be stopped after the write path and before the bus. */
  stop(): Promise<void>;
}

/**
 * Everything between the outbox and the bus: publication right after the commit, the relay for what stayed behind, and the
 * guard of the stream. Settles after the guard's first look, whatever that saw: writes do not need the bus.
 */
export async function startPublication(deps: PublicationDeps): Promise<PublicationOfCommits> {
  const { sql, patient, bus, metrics, log, timing = {}, tracing, relays = true } = deps;
  const published = metrics.counter('outbox_published_total', 'Transactions published, left to the relay, or relayed', [
    'result',
  ]);
  metrics.gauge('outbox_pending', 'Ranges committed and not yet published', {
    collect: async (gauge) => gauge.set(await pending(sql).catch(() => Number.NaN)),
  });
  const common = { sql, patient, bus, log, timing, tracing };
  // Each has a window of its own: a long backlog does not keep back what is committed now.
  const bounds = {
    ...{ ackTimeoutMs: ACK_TIMEOUT_MS, maxWaitingBytes: WAITING_BYTES, maxWaitMs: WAIT_MS },
    clock: timing.clock ?? systemClock,
  };
  const publishers = {
    live: createPublisher(bus, { ...bounds, liveAfterMs: LIVE_AFTER_MS }),
    relay: createPublisher(bus, bounds),
    refill: createPublisher(bus, bounds),
  };
  for (const [name, publisher] of Object.entries(publishers))
    metrics.queue(`publications_${name}`, waitingOf(publisher));
  const silences = () => Object.values(publishers).map(({ silence }) => silence);
  const health = new StreamHealth({ log, metrics, silences, clock: bounds.clock });
  const loops: Loop[] = [];
  if (relays) {
    const replicas = deps.streamReplicas;
    const guarded = { ...common, health, publisher: publishers.refill, ...(replicas !== undefined && { replicas }) };
    await guardStream(guarded).catch((err: unknown) => log.warn({ err }, 'the stream is not ready yet'));
    const onRelayed = (rows: number) => published.inc({ result: 'relayed' }, rows);
    loops.push(startStreamGuard(guarded), startRelay({ ...common, publisher: publishers.relay, onRelayed }));
  }
  const onSettled = (result: 'published' | 'left') => published.inc({ result });
  const publishing = startPublishing({ ...common, publisher: publishers.live, onSettled });
  const events = startEvents(deps, createPublisher(bus, bounds), createPublisher(bus, bounds));
  const unwatch = bus.onStatus((status) => {
    if (status !== 'reconnected') return;
    for (const loop of loops) loop.poke();
  });
  return {
    publish: publishing.publish,
    publishEvents: events.publishEvents,
    health,
    async stop() {
      unwatch();
      await Promise.all([...loops.map((loop) => loop.stop()), publishing.stop(), events.stop()]);
    },
  };
}

/** Publications that wait for room in the publisher's window. */
function waitingOf(publisher: Publisher): Bounded {
  return {
    max: MAX_WAITING,
    get size() {
      return publisher.waiting;
    },
  };
}

/** The way of events: right after the commit, and by the relay. Each has a window of its own in front of the stream. */
function startEvents(deps: PublicationDeps, live: Publisher, late: Publisher) {
  const { sql, signals, metrics, log, timing = {}, defer } = deps;
  const published = metrics.counter('outbox_events_total', 'Events published, left to the relay, or relayed', [
    'result',
  ]);
  metrics.gauge('outbox_events_pending', 'Events committed and not yet published', {
    collect: async (gauge) => gauge.set(await pendingEvents(sql).catch(() => Number.NaN)),
  });
  const areReceiversBack = watchReceivers(signals, timing.clock ?? systemClock);
  const senderOf = (publisher: Publisher) =>
    createSendEvent({ bus: signals, publisher, areReceiversBack, ...(defer && { defer }) });
  const relay =
    (deps.relays ?? true)
      ? startEventRelay({
          ...{ sql, bus: signals, log, timing, areReceiversBack },
          send: senderOf(late),
          onRelayed: (rows) => published.inc({ result: 'relayed' }, rows),
        })
      : undefined;
  const telling =
    (deps.relays ?? true)
      ? startTelling({ ...{ sql, bus: signals, log, timing, areReceiversBack }, send: senderOf(late) })
      : undefined;
  const publishing = startEventPublishing({
    ...{ sql, log, timing },
    send: senderOf(live),
    onSettled: (result) => published.inc({ result }),
    onLeft: () => relay?.poke(),
  });
  return {
    publishEvents: publishing.publishEvents,
    async stop() {
      await publishing.stop();
      await Promise.all([relay?.stop(), telling?.stop()]);
    },
  };
}
