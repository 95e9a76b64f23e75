import type { Clock } from '@messagecore/kernel';
import { createMetrics, type Metrics } from '@messagecore/runtime';
import type { Taken } from './feed/room-log.ts';

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
  readonly windowBytes: () => number;
  readonly busConnected: () => boolean;
  readonly reachable: () => boolean;
}

export interface GatewayMetrics {
  readonly metrics: Metrics;
  /** A room is about to send this to so many members. */
  readonly taken: (taken: Taken, members: number) => void;
  readonly reconnected: () => void;
  readonly lagged: () => void;
  readonly unencodable: () => void;
  /** So many `inbox` frames were sent. */
  readonly inboxTold: (frames: number) => void;
  /** A conversation with news was left to the next comparison with the record. */
  readonly inboxLeft: () => void;
}

export function createGatewayMetrics(gauges: Gauges, clock: Clock): GatewayMetrics {
  const metrics = createMetrics('gateway');
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
  gauge('window_bytes', 'Memory taken by recent messages and by what waits to be sent', gauges.windowBytes);
  gauge('bus_connected', '1 while the bus is connected', () => (gauges.busConnected() ? 1 : 0));
  gauge('chat_service_reachable', '1 while chat-services are heard of', () => (gauges.reachable() ? 1 : 0));
  const fanout = metrics.counter('msg_fanout_total', 'Frames handed to sessions by live fan-out');
  const delivery = metrics.histogram('delivery_seconds', 'From the storing of a message to its live fan-out');
  const reconnects = metrics.counter('reconnect_total', 'Sessions that went on from a cursor');
  const lags = metrics.counter('session_lag_total', 'Times that a session fell behind');
  const unencodable = metrics.counter('frames_unencodable_total', 'Frames left out because they could not be encoded');
  const inboxTold = metrics.counter('inbox_frames_total', 'Frames that told sessions of conversations not joined');
  const inboxLeft = metrics.counter('inbox_left_total', 'Conversations with news left to the next comparison');
  return {
    metrics,
    taken({ blocks }, members) {
      if (members === 0) return;
      for (const block of blocks) fanout.inc(block.count * members);
      const last = blocks.findLast((block) => block.kind === 'message');
      const at = last && storedAt(last.json(last.count - 1));
      if (at !== undefined) delivery.observe(Math.max(0, clock.now() - at) / 1_000);
    },
    reconnected: () => reconnects.inc(),
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
