import { isFault } from '@messagecore/protocol';
import type { Clock } from '@messagecore/kernel';
import type { RpcError } from '@messagecore/protocol/bus';
import { type Bounded, createMetrics, type Metrics } from '@messagecore/runtime';
import type { Block } from './egress/block.ts';
import type { Taken } from './feed/room-log.ts';

/** With the bounds of the service level, 150 and 800 ms (SLO-1). */
const DELIVERY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 0.8, 1.5, 3, 10];
/** Deliveries that an operator may look for are told with their conversation. */
const SLOW_SECONDS = 0.25;
/** A replay takes as long as its reader does, too. */
const REPLAY_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What is counted at a scrape. */
export interface Gauges {
  readonly connections: () => number;
  readonly users: () => number;
  readonly lagging: () => number;
  readonly rooms: () => number;
  readonly accounts: () => number;
  readonly inbox: () => number;
  readonly inboxHeld: () => number;
  readonly watched: () => number;
  readonly joining: () => number;
  readonly perTenant: () => Iterable<readonly [string, number]>;
  readonly busConnected: () => boolean;
  readonly reachable: () => boolean;
  /** What is bounded, with what is in it. */
  readonly queues: Readonly<Record<string, Bounded>>;
  readonly caches: Readonly<Record<string, Bounded>>;
}

export interface GatewayMetrics {
  readonly metrics: Metrics;
  /** A room is about to send this to so many members. */
  readonly taken: (taken: Taken, members: number) => void;
  readonly reconnected: () => void;
  /** A replay has ended after so many milliseconds. */
  readonly replayed: (ms: number) => void;
  /** A send was acknowledged, or refused with this. */
  readonly sendAnswered: (refusal: RpcError | undefined) => void;
  readonly lagged: () => void;
  readonly unencodable: () => void;
  /** So many `inbox` frames were sent. */
  readonly inboxTold: (frames: number) => void;
  /** A conversation with news was left to the next comparison with the record. */
  readonly inboxLeft: () => void;
}

export function createGatewayMetrics(
  gauges: Gauges,
  clock: Clock,
  metrics: Metrics = createMetrics('gateway'),
): GatewayMetrics {
  const gauge = (name: string, help: string, read: () => number) =>
    metrics.gauge(name, help, { collect: (self) => self.set(read()) });
  gauge('ws_conn_active', 'Sessions open now', gauges.connections);
  gauge('ws_users_active', 'Users with a session', gauges.users);
  gauge('sessions_lagging', 'Sessions that are behind because they read slowly', gauges.lagging);
  gauge('rooms_held', 'Conversations subscribed to', gauges.rooms);
  gauge('accounts_heard', 'Users and tenants whose events are listened to', gauges.accounts);
  gauge('inbox_due', 'Conversations with news that sessions are still to be told of', gauges.inbox);
  gauge('inbox_held', 'Frames of that kind that wait for sessions to read', gauges.inboxHeld);
  gauge('users_watched', 'Users that sessions watch, once for each session', gauges.watched);
  gauge('users_joining', 'Users whose joins are under way or wait', gauges.joining);
  metrics.largestTenants('tenant_sessions', 'Sessions of the tenants that have most of them here', gauges.perTenant);
  for (const [name, queue] of Object.entries(gauges.queues)) metrics.queue(name, queue);
  for (const [name, cache] of Object.entries(gauges.caches)) metrics.cache(name, cache);
  gauge('bus_connected', '1 while the bus is connected', () => (gauges.busConnected() ? 1 : 0));
  gauge('chat_service_reachable', '1 while chat-services are heard of', () => (gauges.reachable() ? 1 : 0));
  const fanout = metrics.counter('msg_fanout_total', 'Frames handed to sessions by live fan-out');
  const delivery = metrics.histogramWithExamples(
    'delivery_seconds',
    'From the storing of a message to its live fan-out',
    {
      buckets: DELIVERY_SECONDS,
    },
  );
  const replays = metrics.histogram(
    'replay_seconds',
    'Replays of what a session had missed, each conversation counted',
    {
      buckets: REPLAY_SECONDS,
    },
  );
  const sends = metrics.counter('sends_answered_total', 'Sends acknowledged, refused, or failed by a fault of ours', [
    'result',
  ]);
  const [acknowledged, refused, failed] = [
    ...[sends.labels('acknowledged'), sends.labels('refused'), sends.labels('failed')],
  ] as const;
  const reconnects = metrics.counter('reconnect_total', 'Sessions that went on from a cursor');
  const lags = metrics.counter('session_lag_total', 'Times that a session fell behind');
  const unencodable = metrics.counter('frames_unencodable_total', 'Frames left out because they could not be encoded');
  const inboxTold = metrics.counter('inbox_frames_total', 'Frames that told sessions of conversations not joined');
  const inboxLeft = metrics.counter('inbox_left_total', 'Conversations with news left to the next comparison');
  const observeDelivery = (block: Block) => {
    // What came together after a stall is as late as its oldest: the newest would hide the stall.
    const at = storedAt(block.json(0));
    if (at === undefined) return;
    const seconds = Math.max(0, clock.now() - at) / 1_000;
    delivery.observe({}, seconds, seconds >= SLOW_SECONDS ? { cid: block.cid } : undefined);
  };
  return {
    metrics,
    taken({ blocks }, members) {
      if (members === 0) return;
      for (const block of blocks) {
        fanout.inc(block.count * members);
        if (block.kind === 'message') observeDelivery(block);
      }
    },
    reconnected: () => reconnects.inc(),
    replayed: (ms) => replays.observe(ms / 1_000),
    sendAnswered(refusal) {
      if (refusal === undefined) acknowledged.inc();
      else if (isFault(refusal.error)) failed.inc();
      else refused.inc();
    },
    lagged: () => lags.inc(),
    unencodable: () => unencodable.inc(),
    inboxTold: (frames) => inboxTold.inc(frames),
    inboxLeft: () => inboxLeft.inc(),
  };
}

/** Enough of a frame to contain its time, which comes before the body. */
const HEAD_BYTES = 256;
const AT = /"at":(\d+)/;

function storedAt(json: Buffer): number | undefined {
  const at = AT.exec(json.toString('latin1', 0, HEAD_BYTES))?.[1];
  return at === undefined ? undefined : Number(at);
}
