/** The composition root: what the gateway is made of, in the order in which it starts; it stops in reverse. */
import type { IncomingMessage, Server } from 'node:http';
import { connectBus, warningOf } from '@messagecore/bus';
import { createUlid } from '@messagecore/kernel';
import {
  createHealth,
  createLogger,
  createMetrics,
  Lifecycle,
  type Logger,
  observeHealth,
  opsRoutes,
  type OpsRoutes,
  startTracing,
} from '@messagecore/runtime';
import { startLoops } from './background.ts';
import { DEFAULTS, type GatewayConfig } from './config.ts';
import { addressOf, closeHttp, listen } from './listen.ts';
import { reportUnencodable } from './egress/unencodable.ts';
import { Admission, noRoom } from './ingress/admission.ts';
import { createAuthenticate } from './ingress/authenticate.ts';
import { connect } from './ingress/connect.ts';
import { Flooders } from './ingress/flooders.ts';
import { Openings } from './ingress/openings.ts';
import { createHttp } from './ingress/http.ts';
import { createSse } from './ingress/sse.ts';
import { createUpgrade } from './ingress/upgrade.ts';
import { createParts, type Parts, type Settings } from './parts.ts';
import { gatherArrivals } from './session/gather-arrivals.ts';
import { Pacer } from './session/pacer.ts';
import type { SessionDeps } from './session/session.ts';
import { tooManySessions } from './session/verdict.ts';
import type { Reachability } from './upstream/reachability.ts';

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
  const log = createLogger({ name: 'gateway', level: config.logLevel, to: config.logTo, reports: config.reports });
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
  const registry = createMetrics('gateway');
  config.reports?.observe({ log, metrics: registry });
  const tracing = await startTracing(config.tracing, { service: 'gateway', log, metrics: registry });
  if (tracing !== undefined) life.add({ name: 'traces', stop: () => tracing.stop() });
  const parts = createParts(config, { log, metrics: registry, tracing }, bus);
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
  observeHealth(metrics.metrics, health);
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

function sessionDeps(parts: Parts, config: Settings, log: Logger): SessionDeps {
  const { clock, upstream, sessions, metrics, rooms, accounts, inbox, typing, reports, tellPresence } = parts;
  const { joinTurns, allowances, connections, drain, pending, observation, live } = parts;
  const flooders = new Flooders(clock);
  const openings = new Openings(clock, live.rates.opensPerUser);
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
    framesPerConnection: live.rates.framesPerConnection,
    verify: createAuthenticate({ clock, upstream, accounts, flooders, openings, arrivals: gatherArrivals(clock) }),
    verifyAgain: createAuthenticate({ clock, upstream: { open: upstream.reopen }, accounts }),
    revocations: sessions.revocations,
    watchers: sessions.watchers,
    presence: {
      set: (session, isActive) => reports.set(session, isActive),
      watched: (watcher, users) => tellPresence.watched(watcher, users),
    },
    refusalToOpen: ({ tid, uid }) =>
      sessions.countOf(uid) < live.maxSessionsPerUser ? connections.refusalOf(tid) : tooManySessions(),
    reconnectInMs: () => drain.reconnectInMs,
    onOpened(session) {
      pending.remove(session);
      sessions.opened(session);
      reports.opened(session);
      if (session.inbox) inbox.add(session);
    },
    onLagging: metrics.lagged,
    onResumed: metrics.reconnected,
    onReplayed: metrics.replayed,
    onSendAnswered: metrics.sendAnswered,
    observation,
    onClosed(session, why) {
      if (why === 'flooding') flooders.add(session.userId);
      pending.remove(session);
      sessions.remove(session);
      reports.closed(session);
      inbox.remove(session);
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
  { sessions, turn, pending, clock, metrics, unsent, live }: Parts,
  session: SessionDeps,
  options: FrontOptions,
): Server {
  const { ops, isOpen, log, config } = options;
  const { trustedProxies, cookieOrigins, timing } = config;
  const admission = new Admission({ clock, rate: live.rates.httpPerIp, trustedProxies, isOpen });
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
      const address = admission.exactAddressOf(request);
      const opened = connect(connection, { scheduler: turn, session, newSid, onUnencodable, address });
      sessions.add(opened);
      pending.add(opened, admission.addressOf(request));
    },
  });
  return createHttp({ ops, sse, log, unsent, requestHeadMs: timing.requestHeadMs }).on('upgrade', upgrade);
}
