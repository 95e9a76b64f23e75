/** The composition root: what the gateway is made of, in the order in which it starts; it stops in reverse. */
import type { IncomingMessage, Server } from 'node:http';
import { type Bus, connectBus, warningOf } from '@messagecore/bus';
import { type Clock, createUlid, systemClock } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol';
import { subjects } from '@messagecore/protocol/bus';
import {
  createHealth,
  createLogger,
  Lifecycle,
  type Logger,
  opsRoutes,
  type OpsRoutes,
  startLoop,
  UnsentAnswers,
} from '@messagecore/runtime';
import { DEFAULTS, type GatewayConfig, type Timing } from './config.ts';
import { Drain } from './drain.ts';
import { FlushScheduler } from './egress/flush-scheduler.ts';
import { reportUnencodable } from './egress/unencodable.ts';
import { HeadCheck } from './feed/head-check.ts';
import { Rooms } from './feed/rooms.ts';
import { Accounts } from './feed/accounts.ts';
import { Hub } from './hub/hub.ts';
import { Admission, noRoom } from './ingress/admission.ts';
import { createAuthenticate } from './ingress/authenticate.ts';
import { connect } from './ingress/connect.ts';
import { Flooders } from './ingress/flooders.ts';
import { Openings } from './ingress/openings.ts';
import { createHttp } from './ingress/http.ts';
import { Pending } from './ingress/pending.ts';
import { createSse } from './ingress/sse.ts';
import { createUpgrade } from './ingress/upgrade.ts';
import { createGatewayMetrics, type GatewayMetrics } from './metrics.ts';
import { Typing } from './presence/typing.ts';
import { Allowances } from './session/allowances.ts';
import { JoinTurns } from './session/join-turns.ts';
import { MissedAdditions } from './session/missed-additions.ts';
import { Pacer } from './session/pacer.ts';
import type { Session, SessionDeps } from './session/session.ts';
import { Sessions } from './session/sessions.ts';
import { Peers } from './upstream/peers.ts';
import { Reachability } from './upstream/reachability.ts';
import { Upstream } from './upstream/upstream.ts';

const SWEEP_MS = 1_000;
/** Answers to operators that nobody has read. Streams have bounds of their own. */
const UNSENT_BYTES = 16 * 1024 * 1024;
const ROOM_WINDOW_BYTES = 2 * 1024 * 1024;
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

type Settings = Required<GatewayConfig> & { readonly timing: Timing };

/** Starts a gateway. Resolves when it serves; when a part fails to start, stops the others and rejects. */
export async function startGateway(config: GatewayConfig): Promise<Gateway> {
  const log = createLogger({ name: 'gateway', level: config.logLevel });
  const life = new Lifecycle({ log });
  const stop = async () => {
    await life.start();
    await life.stop();
  };
  try {
    const timing = { ...DEFAULTS.timing, ...config.timing };
    return { ...(await compose({ ...DEFAULTS, ...config, timing }, log, life)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function compose(config: Settings, log: Logger, life: Lifecycle): Promise<Omit<Gateway, 'stop'>> {
  const bus = await connectBus({ url: config.natsUrl, name: 'gateway', log });
  life.add({ name: 'bus', stop: () => bus.close() });
  const parts = createParts(config, log, bus);
  const { upstream, reachability, sessions, typing, joinTurns, allowances, drain, metrics } = parts;
  life.add({ name: 'typing', stop: () => typing.close() });
  life.add({ name: 'joins', stop: () => joinTurns.close() });
  life.add({ name: 'allowances', stop: () => allowances.close() });
  startLoops(parts, config, log, life);

  let serving = false;
  const isOpen = () => serving && !drain.begun;
  const warnings = () => [warningOf(bus.serverVersion)].filter((warning) => warning !== undefined);
  const checks = { bus: () => bus.rtt(), chatService: () => hearsOf(reachability) };
  const health = createHealth({ checks, warnings });
  const ready = () => isOpen() && reachability.reachable;
  const ops = opsRoutes({ health, metrics: metrics.metrics, ready });
  const http = createFront(parts, sessionDeps(parts, config, log), { ops, isOpen, log, config });
  life.add({ name: 'http', stop: () => closeHttp(http) });
  await listen(http, config);
  serving = true;
  life.add({ name: 'commands', stop: () => upstream.flushed() });
  life.add({ name: 'sessions', stop: () => sessions.closeAll() });
  life.add({ name: 'readiness', stop: () => void (serving = false) });
  return { ...addressOf(http, config.host), drain: () => drain.run() };
}

/** Rejects when no chat-service was heard of lately. */
async function hearsOf(reachability: Reachability): Promise<void> {
  if (reachability.interrupted) throw new Error(`no chat-service heard of for ${Math.round(reachability.silentMs)} ms`);
}

type Parts = ReturnType<typeof createParts>;

/** Everything that lives as long as the gateway, and knows nothing of HTTP. */
function createParts(config: Settings, log: Logger, bus: Bus) {
  const clock = systemClock;
  const peers = new Peers(clock);
  const reachability = new Reachability(clock);
  bus.subscribe(subjects.alive, (name) => {
    peers.noteAlive(new TextDecoder().decode(name));
    reachability.noteAlive();
  });
  const upstream = new Upstream(bus, clock, createUlid()(), peers);
  const sessions = new Sessions(clock, config.timing);
  const metrics: GatewayMetrics = createGatewayMetrics(
    {
      connections: () => sessions.size,
      users: () => sessions.users,
      lagging: () => sessions.lagging,
      rooms: () => rooms.size,
      accounts: () => accounts.size,
      windowBytes: () => rooms.bytes,
      busConnected: () => bus.connected,
      reachable: () => reachability.reachable,
    },
    clock,
  );
  const scheduler = new FlushScheduler();
  const rooms = new Rooms({
    bus,
    hub: new Hub(scheduler),
    upstream,
    clock,
    log,
    windowBytes: { total: config.windowBytes, room: Math.min(ROOM_WINDOW_BYTES, config.windowBytes) },
    lingering: LINGERING,
    onTaken: metrics.taken,
  });
  const accounts = new Accounts({
    bus,
    clock,
    present: sessions,
    onUser: (tid, userId, event) => sessions.onUser(tid, userId, event),
    onTenant: (tid, event) => sessions.onTenant(tid, event),
    onDropped: (tid, uid) => sessions.revocations.add({ tid, uid }),
  });
  const typing = new Typing({ clock, publish: (subject, payload) => bus.publish(subject, payload) });
  const drain = new Drain({ graceMs: config.drainGraceMs, clock, sessions, flushed: () => upstream.flushed() });
  const { answerStallMs: stallMs, answerMs } = LIMITS;
  const unsent = new UnsentAnswers({ maxBytes: UNSENT_BYTES, stallMs, answerMs, clock });
  return {
    clock,
    bus,
    upstream,
    reachability,
    sessions,
    metrics,
    turn: scheduler,
    rooms,
    accounts,
    typing,
    ...createTurns(config, clock),
    drain,
    pending: new Pending<Session>(config.maxPending, config.maxPendingPerIp),
    unsent,
  };
}

/** What keeps users from taking the turns of others. */
function createTurns({ limits }: Settings, clock: Clock) {
  const { joinsPerUser, uploadPerUser: upload, replayPerUser: replay } = limits;
  const joinTurns = new JoinTurns({ clock, rate: joinsPerUser });
  const isCrowded = (userId: string) => joinTurns.isCrowded(userId);
  return { joinTurns, allowances: new Allowances({ clock, upload, replay, isCrowded }) };
}

function sessionDeps(parts: Parts, config: Settings, log: Logger): SessionDeps {
  const { clock, upstream, sessions, metrics, rooms, accounts, typing, joinTurns, allowances, drain, pending } = parts;
  const flooders = new Flooders(clock);
  const openings = new Openings(clock, config.limits.opensPerUser);
  return {
    clock,
    log,
    timing: config.timing,
    rooms,
    upstream,
    typing,
    pacer: new Pacer(() => clock.monotonic()),
    joinTurns,
    allowances,
    framesPerConnection: config.limits.framesPerConnection,
    verify: createAuthenticate({ clock, upstream, accounts, flooders, openings }),
    verifyAgain: createAuthenticate({ clock, upstream: { open: upstream.reopen }, accounts }),
    revocations: sessions.revocations,
    mayOpen: (userId) => sessions.countOf(userId) < config.maxSessionsPerUser,
    reconnectInMs: () => drain.reconnectInMs,
    onOpened(session) {
      pending.remove(session);
      sessions.opened(session);
    },
    onLagging: metrics.lagged,
    onResumed: metrics.reconnected,
    onClosed(session, why) {
      if (why === 'flooding') flooders.add(session.userId);
      pending.remove(session);
      sessions.remove(session);
      if (session.userId !== '') accounts.ended(session.tid, session.userId, sessions);
    },
  };
}

interface FrontOptions {
  readonly ops: OpsRoutes;
  readonly isOpen: () => boolean;
  readonly log: Logger;
  readonly config: Settings;
}

/** Where clients come in. */
function createFront(
  { sessions, turn, pending, clock, metrics, unsent }: Parts,
  session: SessionDeps,
  options: FrontOptions,
): Server {
  const { ops, isOpen, log, config } = options;
  const { trustedProxies, cookieOrigins, limits, timing } = config;
  const admission = new Admission({ clock, rate: limits.httpPerIp, trustedProxies, isOpen });
  const refusalOf = (request: IncomingMessage) => admission.refusalOf(request);
  const newSid = createUlid();
  const onUnencodable = reportUnencodable({ clock, log, onFailure: metrics.unencodable });
  const sse = createSse({
    scheduler: turn,
    session,
    newSid,
    refusalOf,
    cookieOrigins,
    onSession: (opened) => sessions.add(opened),
  });
  const upgrade = createUpgrade({
    cookieOrigins,
    refusalOf: (request) =>
      refusalOf(request) ?? (pending.hasRoom(admission.addressOf(request)) ? undefined : noRoom()),
    onConnection(connection, request) {
      const opened = connect(connection, { scheduler: turn, session, newSid, onUnencodable });
      sessions.add(opened);
      pending.add(opened, admission.addressOf(request));
    },
  });
  return createHttp({ ops, sse, log, unsent, requestHeadMs: timing.requestHeadMs }).on('upgrade', upgrade);
}

/** What happens by itself: time, the comparison with the record, and both at once when the bus is back. */
function startLoops(parts: Parts, config: Settings, log: Logger, life: Lifecycle): void {
  const { bus, clock, sessions, rooms, accounts, allowances, upstream, unsent } = parts;
  const sweep = startLoop({
    name: 'sweep',
    everyMs: SWEEP_MS,
    log,
    step() {
      sessions.sweep();
      rooms.sweep();
      unsent.sweep();
      accounts.sweep();
      allowances.sweep();
    },
  });
  life.add({ name: 'sweep', stop: () => sweep.stop() });
  const heads = new HeadCheck({ rooms, upstream, clock, everyMs: config.timing.headCheckMs });
  const check = startLoop({ name: 'head check', everyMs: heads.stepMs, log, step: () => heads.step() });
  life.add({ name: 'head check', stop: () => check.stop() });
  const additions = new MissedAdditions({
    clock,
    gained: upstream.gained,
    users: () => sessions.present(),
    onUser: (tid, uid, event) => sessions.onUser(tid, uid, event),
  });
  const ask = startLoop({ name: 'missed additions', everyMs: SWEEP_MS, log, step: () => additions.step() });
  life.add({ name: 'missed additions', stop: () => ask.stop() });
  const unfollow = bus.onStatus((status) => {
    if (status === 'disconnected') additions.disconnected();
    if (status !== 'reconnected') return;
    additions.reconnected();
    heads.all();
    check.poke();
    sessions.reverifySoon();
  });
  life.add({ name: 'bus status', stop: unfollow });
}

function listen(http: Server, { port, host }: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, resolve);
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
