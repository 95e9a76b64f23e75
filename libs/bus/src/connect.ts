import type { Socket } from 'node:net';
import { Backoff, type Clock, systemClock } from '@messagecore/kernel';
import { type Logger, sleep } from '@messagecore/runtime';
import { type ConnectionOptions, connect, DebugEvents, Events, type NatsConnection } from 'nats';
import type { StreamBus } from './bus.ts';
import { BusError } from './bus-error.ts';
import { NatsBus } from './nats-bus.ts';

export interface ConnectOptions {
  /** `nats://host:port` or `tls://…`, with `user:password@` or `token@` where needed; several separated by commas. */
  readonly url: string;
  /** Shown by the server's monitoring. */
  readonly name: string;
  readonly log: Logger;
  /** How long to wait for the first connection. 30 s when left out. */
  readonly connectTimeoutMs?: number;
  readonly clock?: Clock;
}

const CONNECT_TIMEOUT_MS = 30_000;
const RECONNECT_WAIT = { minMs: 100, maxMs: 2_000 };
/** Two unanswered pings break a connection that has gone silent. */
const PING_INTERVAL_MS = 5_000;
/** The client library tries the server that it had once more before the next one; one that hangs takes connections. */
const CONNECT_ATTEMPT_MS = 5_000;

/**
 * Connects, waiting for a server that is not there yet; from then on it reconnects for ever with short, jittered waits.
 *
 * @throws BusError `disconnected` when there is no connection within `connectTimeoutMs`.
 */
export async function connectBus(options: ConnectOptions): Promise<StreamBus> {
  const { log, clock = systemClock } = options;
  const backoff = new Backoff(RECONNECT_WAIT);
  const reconnectWait = { ms: backoff.next() };
  const connection = await firstConnection(
    {
      ...serversOf(options.url),
      name: options.name,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
      noAsyncTraces: true,
      pingInterval: PING_INTERVAL_MS,
      timeout: CONNECT_ATTEMPT_MS,
      // Asked more than once an attempt, so the answer must stand until the attempt is made.
      reconnectDelayHandler: () => reconnectWait.ms,
    },
    options,
    clock,
  );
  void advance(connection, backoff, reconnectWait);
  return new NatsBus({ connection, log, clock });
}

async function firstConnection(
  settings: ConnectionOptions,
  { log, connectTimeoutMs = CONNECT_TIMEOUT_MS }: ConnectOptions,
  clock: Clock,
): Promise<NatsConnection> {
  const deadline = clock.monotonic() + connectTimeoutMs;
  const backoff = new Backoff(RECONNECT_WAIT);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connect(settings);
    } catch (err) {
      if (clock.monotonic() >= deadline) throw new BusError('disconnected', 'connect', err);
      if (attempt === 1) log.warn({ err }, 'waiting for the bus');
      await sleep(Math.min(backoff.next(), deadline - clock.monotonic()), clock);
    }
  }
}

/** Lengthens the wait with each attempt, and starts over once connected. */
async function advance(connection: NatsConnection, backoff: Backoff, wait: { ms: number }): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === Events.Reconnect) backoff.reset();
    if (type === Events.Reconnect || type === DebugEvents.Reconnecting) wait.ms = backoff.next();
    if (type === DebugEvents.StaleConnection) dropSocket(connection);
  }
}

/**
 * The client library lets a silent connection go when all that was written to it has left, which it never does when the
 * system takes nothing more. It has no public way to drop one.
 */
function dropSocket(connection: NatsConnection): void {
  const transport = (connection as Partial<{ protocol: { transport: { socket?: Socket } } }>).protocol?.transport;
  transport?.socket?.destroy();
}

/** The client library knows no credentials in URLs. */
function serversOf(urls: string): Pick<ConnectionOptions, 'servers' | 'user' | 'pass' | 'token' | 'tls'> {
  const parsed = urls.split(',').map((url) => new URL(url.trim()));
  const [first] = parsed;
  const user = decodeURIComponent(first?.username ?? '');
  const pass = decodeURIComponent(first?.password ?? '');
  return {
    servers: parsed.map((url) => url.host),
    ...(user !== '' && (pass === '' ? { token: user } : { user, pass })),
    ...(first?.protocol === 'tls:' && { tls: {} }),
  };
}
