/** What lives as long as the gateway, and knows nothing of HTTP. */
import type { Bus } from '@messagecore/bus';
import { type Clock, createUlid, systemClock } from '@messagecore/kernel';
import { LIMITS, type RateLimits } from '@messagecore/protocol';
import { ALIVE_NUMBER, subjects } from '@messagecore/protocol/bus';
import {
  type Bounded,
  createSuccessLog,
  type ErrorReports,
  Live,
  type LogDestination,
  type Logger,
  type Metrics,
  type Tracing,
  type TracingConfig,
  UnsentAnswers,
  Watches,
} from '@messagecore/runtime';
import type { GatewayConfig, Timing } from './config.ts';
import { followSystem } from './follow-system.ts';
import { Drain } from './drain.ts';
import { FlushScheduler } from './egress/flush-scheduler.ts';
import { Accounts } from './feed/accounts.ts';
import { Rooms } from './feed/rooms.ts';
import { TracedDeliveries } from './feed/traced-deliveries.ts';
import { Hub } from './hub/hub.ts';
import { Inbox } from './inbox/inbox.ts';
import { Pending } from './ingress/pending.ts';
import { createGatewayMetrics, type GatewayMetrics } from './metrics.ts';
import { PresenceReports } from './presence/reports.ts';
import { Typing } from './presence/typing.ts';
import { Allowances } from './session/allowances.ts';
import { gatherArrivals } from './session/gather-arrivals.ts';
import { JoinTurns } from './session/join-turns.ts';
import { createObservation, type Observation } from './session/observe-sends.ts';
import type { Session } from './session/session.ts';
import { Sessions } from './session/sessions.ts';
import { TellLists } from './session/tell-lists.ts';
import { TellPresence } from './session/tell-presence.ts';
import { createTellWatchers } from './session/tell-watchers.ts';
import { TenantConnections } from './session/tenant-connections.ts';
import { Peers } from './upstream/peers.ts';
import { Reachability } from './upstream/reachability.ts';
import { SignsOfLife } from './upstream/signs-of-life.ts';
import { Upstream } from './upstream/upstream.ts';

/** Answers to operators that nobody has read. Streams have bounds of their own. */
const UNSENT_BYTES = 16 * 1024 * 1024;
const ROOM_WINDOW_BYTES = 2 * 1024 * 1024;
/** Rooms without members that are kept for those who come back. */
const LINGERING = 20_000;

export type Settings = Required<Omit<GatewayConfig, 'tracing' | 'logTo' | 'sentry' | 'reports' | 'rates'>> & {
  readonly timing: Timing;
  readonly tracing?: TracingConfig | undefined;
  readonly logTo?: LogDestination | undefined;
  readonly reports?: ErrorReports | undefined;
  readonly rates?: Partial<RateLimits> | undefined;
};

export type Parts = ReturnType<typeof createParts>;

/** What is told to operators, and how. */
export interface Telemetry {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Undefined where no traces are recorded. */
  readonly tracing: Tracing | undefined;
}

export function createParts(config: Settings, { log, metrics: registry, tracing }: Telemetry, bus: Bus) {
  const clock = systemClock;
  const followers = { live: new Live(config, { log, metrics: registry }), watches: new Watches() };
  const { live, watches } = followSystem(bus, clock, followers);
  const name = createUlid()();
  const { upstream, reachability, signs } = createUpstream(bus, clock, name);
  const sessions = new Sessions(clock, config.timing);
  const pending = new Pending<Session>(live);
  const turns = createTurns(live, clock);
  const metrics: GatewayMetrics = createGatewayMetrics(
    {
      ...gaugesOf(sessions),
      rooms: () => rooms.size,
      accounts: () => accounts.size,
      inbox: () => inbox.size,
      inboxHeld: () => inbox.held,
      joining: () => turns.joinTurns.size,
      busConnected: () => bus.connected,
      reachable: () => reachability.reachable,
      queues: { pending_connections: pending, ...queuesOf(upstream) },
      caches: { windows_bytes: boundedBy(config.windowBytes, () => rooms.bytes) },
    },
    clock,
    registry,
  );
  const scheduler = new FlushScheduler();
  const rooms = new Rooms({
    ...{ bus, upstream, clock, log },
    hub: new Hub(scheduler, clock),
    windowBytes: { total: config.windowBytes, room: Math.min(ROOM_WINDOW_BYTES, config.windowBytes) },
    lingering: LINGERING,
    onTaken: metrics.taken,
    traced: tracing && new TracedDeliveries(tracing, clock),
  });
  const tellWatchers = createTellWatchers({ clock, watchers: sessions.watchers, upstream });
  const tellLists = new TellLists({ clock, sessions });
  const accounts = new Accounts({
    ...{ bus, clock, sessions },
    onWatched: (tid, to, json) => void tellWatchers(tid, to, json),
    onListChanged: (...changed) => tellLists.changed(...changed),
    onMembership: (tid, userId, cid) => inbox.changed(tid, userId, cid),
    onDropped: (tid, uid) => sessions.revocations.add({ tid, uid }),
  });
  const inbox = new Inbox({
    ...{ bus, clock, upstream, newsMs: config.timing.newsMs },
    onTold: metrics.inboxTold,
    onLeft: metrics.inboxLeft,
  });
  const reports = new PresenceReports({ clock, report: upstream.present });
  const tellPresence = new TellPresence({ clock, bus, watchers: sessions.watchers, upstream });
  const typing = new Typing({ clock, publish: (subject, payload) => bus.publish(subject, payload) });
  const drain = new Drain({ graceMs: config.drainGraceMs, clock, sessions, flushed: () => upstream.flushed() });
  return {
    ...{ clock, bus, upstream, reachability, signs, sessions, metrics, rooms },
    ...{ accounts, inbox, typing, reports, tellPresence, live, tellLists, turn: scheduler },
    ...turns,
    connections: new TenantConnections({ gateway: name, sessions, report: upstream.connections }),
    ...{ observation: observe({ live, watches }, { log, tracing }), drain, pending, unsent: createUnsent(clock) },
  };
}

/** What is recorded of frames, and in full of what is watched. */
function observe(
  { live, watches }: { readonly live: Live; readonly watches: Watches },
  { log, tracing }: Pick<Telemetry, 'log' | 'tracing'>,
): Observation {
  const successes = createSuccessLog(live, watches);
  return createObservation({ tracing, log, successes, watches });
}

/** The way to chat-services, and whether any is there. */
function createUpstream(bus: Bus, clock: Clock, name: string) {
  const peers = new Peers(clock);
  const reachability = new Reachability(clock);
  const signs = new SignsOfLife(clock);
  bus.subscribe(subjects.alive, (payload, _subject, header) => {
    const peer = new TextDecoder().decode(payload);
    const number = Number(header(ALIVE_NUMBER));
    peers.noteAlive(peer);
    reachability.noteAlive();
    signs.note(peer, number > 0 ? number : undefined);
  });
  return { upstream: new Upstream(bus, clock, name, { peers }), reachability, signs };
}

function gaugesOf(sessions: Sessions) {
  return {
    connections: () => sessions.size,
    users: () => sessions.users,
    lagging: () => sessions.lagging,
    watched: () => sessions.watchers.size,
    perTenant: () => sessions.perTenant(),
  };
}

/** Under names that say the unit. */
function queuesOf({ queues }: Upstream): Readonly<Record<string, Bounded>> {
  return Object.fromEntries(Object.entries(queues).map(([name, queue]) => [`upstream_${name}_bytes`, queue]));
}

function boundedBy(max: number, read: () => number): Bounded {
  return {
    max,
    get size() {
      return read();
    },
  };
}

function createUnsent(clock: Clock): UnsentAnswers {
  const { answerStallMs: stallMs, answerMs } = LIMITS;
  return new UnsentAnswers({ maxBytes: UNSENT_BYTES, stallMs, answerMs, clock });
}

/** What keeps users from taking the turns of others. */
function createTurns({ rates }: Live, clock: Clock) {
  const { joinsPerUser, uploadPerUser: upload, replayPerUser: replay } = rates;
  const joinTurns = new JoinTurns({ clock, rate: joinsPerUser, defer: gatherArrivals(clock).defer });
  const isCrowded = (userId: string) => joinTurns.isCrowded(userId);
  return { joinTurns, allowances: new Allowances({ clock, upload, replay, isCrowded }) };
}
