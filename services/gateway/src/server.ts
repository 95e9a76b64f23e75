/** The composition root: what the gateway is made of, in the order in which it starts; it stops in reverse. */
import type { Server } from 'node:http';
import { type Bus, connectBus } from '@messagecore/bus';
import { createUlid, systemClock } from '@messagecore/kernel';
import { createHealth, createLogger, Lifecycle, type Logger, opsRoutes, startLoop } from '@messagecore/runtime';
import { DEFAULT_TIMING, type GatewayConfig } from './config.ts';
import { Drain } from './drain.ts';
import { Turn } from './egress/turn.ts';
import { checkHeads } from './feed/head-check.ts';
import { Rooms } from './feed/rooms.ts';
import { Tenants } from './feed/tenants.ts';
import { Hub } from './hub/hub.ts';
import { createAuthenticate } from './ingress/authenticate.ts';
import { connect } from './ingress/connect.ts';
import { createHttp } from './ingress/http.ts';
import { createSse } from './ingress/sse.ts';
import { Pending } from './ingress/pending.ts';
import { type Connection, createUpgrade } from './ingress/upgrade.ts';
import { createGatewayMetrics } from './metrics.ts';
import { Typing } from './presence/typing.ts';
import { Pacer } from './session/pacer.ts';
import type { Session, SessionDeps } from './session/session.ts';
import { Sessions } from './session/sessions.ts';
import { Upstream } from './upstream/upstream.ts';

const MEBIBYTE = 1024 * 1024;
const SWEEP_MS = 1_000;
const ROOM_WINDOW_BYTES = 2 * MEBIBYTE;
/** Rooms without members that are kept for those who come back. */
const LINGERING = 20_000;

export interface Gateway {
  readonly url: string;
  readonly port: number;
  /** Takes no new sessions, sends the present ones away and waits for them to go, at most for the grace period. */
  drain(): Promise<void>;
  /** Ends what is left and lets go of everything. Never rejects. */
  stop(): Promise<void>;
}

/** Starts a gateway. Resolves when it serves; when a part fails to start, stops the others and rejects. */
export async function startGateway(config: GatewayConfig): Promise<Gateway> {
  const log = createLogger({ name: 'gateway', level: config.logLevel });
  const life = new Lifecycle({ log });
  const stop = async () => {
    await life.start();
    await life.stop();
  };
  try {
    const { url, port, drain } = await compose(config, log, life);
    return { url, port, drain, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function compose(config: GatewayConfig, log: Logger, life: Lifecycle): Promise<Omit<Gateway, 'stop'>> {
  const clock = systemClock;
  const timing = { ...DEFAULT_TIMING, ...config.timing };
  const bus = await connectBus({ url: config.natsUrl, name: 'gateway', log });
  life.add({ name: 'bus', stop: () => bus.close() });
  const upstream = new Upstream(bus);
  const sessions = new Sessions(clock, timing);
  const metrics = createGatewayMetrics(
    {
      connections: () => sessions.size,
      users: () => sessions.users,
      lagging: () => sessions.lagging,
      rooms: () => rooms.size,
      windowBytes: () => rooms.bytes,
      busConnected: () => bus.connected,
    },
    clock,
  );

  const turn = new Turn();
  const total = config.windowBytes ?? 128 * MEBIBYTE;
  const rooms = new Rooms({
    bus,
    hub: new Hub(turn),
    upstream,
    clock,
    log,
    windowBytes: { total, room: Math.min(ROOM_WINDOW_BYTES, total) },
    lingering: LINGERING,
    onTaken: metrics.taken,
  });
  const typing = new Typing({ clock, publish: (subject, payload) => bus.publish(subject, payload) });
  life.add({ name: 'typing', stop: () => typing.close() });
  const tenants = new Tenants({
    bus,
    clock,
    onUser: (tid, userId, event) => sessions.onUser(tid, userId, event),
    onTenant: (tid, event) => sessions.onTenant(tid, event),
  });

  const drain = new Drain({ graceMs: config.drainGraceMs, clock, sessions, flushed: () => upstream.flushed() });
  const pending = new Pending<Session>(config.maxPending ?? 20_000, config.maxPendingPerIp ?? 2_000);
  const deps: SessionDeps = {
    clock,
    log,
    timing,
    rooms,
    upstream,
    typing,
    pacer: new Pacer(() => clock.monotonic()),
    framesPerConnection: config.limits.framesPerConnection,
    verify: createAuthenticate({ clock, upstream, tenants }),
    reconnectInMs: () => drain.reconnectInMs,
    onOpened(session) {
      pending.remove(session);
      sessions.opened(session);
    },
    onLagging: metrics.lagged,
    onResumed: metrics.reconnected,
    onClosed(session) {
      pending.remove(session);
      sessions.remove(session);
    },
  };
  const newSid = createUlid();
  const accept = (connection: Connection): void => {
    const ip = connection.socket.remoteAddress ?? '';
    const session = connect(connection, { clock, turn, session: deps, newSid });
    if (session.state === 'closed') return;
    sessions.add(session);
    pending.add(session, ip);
  };

  let serving = false;
  const isOpen = () => serving && !drain.begun;
  const health = createHealth({ checks: { bus: () => bus.rtt() } });
  const http = createHttp({
    ops: opsRoutes({ health, metrics: metrics.metrics, ready: isOpen }),
    sse: createSse({ clock, turn, session: deps, newSid, isOpen, onSession: (session) => sessions.add(session) }),
    log,
  });
  http.on(
    'upgrade',
    createUpgrade({
      isOpen: ({ socket }) => isOpen() && pending.hasRoom(socket.remoteAddress ?? ''),
      onConnection: accept,
    }),
  );
  life.add({ name: 'http', stop: () => closeHttp(http) });
  life.add({ name: 'commands', stop: () => upstream.flushed() });
  life.add({ name: 'sessions', stop: () => sessions.closeAll() });

  const sweep = startLoop({
    name: 'sweep',
    everyMs: SWEEP_MS,
    log,
    step() {
      sessions.sweep();
      rooms.sweep();
      tenants.sweep((tid) => sessions.hasTenant(tid));
    },
  });
  life.add({ name: 'sweep', stop: () => sweep.stop() });
  const check = startLoop({
    name: 'head check',
    everyMs: timing.headCheckMs,
    log,
    step: () => checkHeads(rooms, upstream),
  });
  life.add({ name: 'head check', stop: () => check.stop() });
  life.add({ name: 'bus status', stop: followBus(bus, () => [check.poke(), sessions.reverify()]) });

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(config.port, config.host, resolve);
  });
  serving = true;
  life.add({ name: 'readiness', stop: () => void (serving = false) });
  return { ...addressOf(http, config.host), drain: () => drain.run() };
}

/** Calls back when the bus is there again: what was said meanwhile is lost. Returns the way to stop. */
function followBus(bus: Bus, onBack: () => void): () => void {
  return bus.onStatus((status) => {
    if (status === 'reconnected') onBack();
  });
}

async function closeHttp(http: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeAllConnections();
  await closed;
}

function addressOf(http: Server, host: string): { url: string; port: number } {
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return { url: `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`, port: address.port };
}
