/** What lives as long as the gateway, and knows nothing of HTTP. */
import type { Bus } from '@messagecore/bus';
import { type Clock, createUlid, systemClock } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol';
import { subjects } from '@messagecore/protocol/bus';
import { type Logger, UnsentAnswers } from '@messagecore/runtime';
import type { GatewayConfig, Timing } from './config.ts';
import { Drain } from './drain.ts';
import { FlushScheduler } from './egress/flush-scheduler.ts';
import { Accounts } from './feed/accounts.ts';
import { Rooms } from './feed/rooms.ts';
import { Hub } from './hub/hub.ts';
import { Inbox } from './inbox/inbox.ts';
import { Pending } from './ingress/pending.ts';
import { createGatewayMetrics, type GatewayMetrics } from './metrics.ts';
import { PresenceReports } from './presence/reports.ts';
import { Typing } from './presence/typing.ts';
import { Allowances } from './session/allowances.ts';
import { JoinTurns } from './session/join-turns.ts';
import type { Session } from './session/session.ts';
import { Sessions } from './session/sessions.ts';
import { TellPresence } from './session/tell-presence.ts';
import { createTellWatchers } from './session/tell-watchers.ts';
import { TenantConnections } from './session/tenant-connections.ts';
import { Peers } from './upstream/peers.ts';
import { Reachability } from './upstream/reachability.ts';
import { Upstream } from './upstream/upstream.ts';

/** Answers to operators that nobody has read. Streams have bounds of their own. */
const UNSENT_BYTES = 16 * 1024 * 1024;
const ROOM_WINDOW_BYTES = 2 * 1024 * 1024;
/** Rooms without members that are kept for those who come back. */
const LINGERING = 20_000;

export type Settings = Required<GatewayConfig> & { readonly timing: Timing };

export type Parts = ReturnType<typeof createParts>;

export function createParts(config: Settings, log: Logger, bus: Bus) {
  const clock = systemClock;
  const name = createUlid()();
  const { upstream, reachability } = createUpstream(bus, clock, name);
  const sessions = new Sessions(clock, config.timing);
  const metrics: GatewayMetrics = createGatewayMetrics(
    {
      connections: () => sessions.size,
      users: () => sessions.users,
      lagging: () => sessions.lagging,
      rooms: () => rooms.size,
      accounts: () => accounts.size,
      inbox: () => inbox.size,
      inboxHeld: () => inbox.held,
      watched: () => sessions.watchers.size,
      windowBytes: () => rooms.bytes,
      busConnected: () => bus.connected,
      reachable: () => reachability.reachable,
    },
    clock,
  );
  const scheduler = new FlushScheduler();
  const rooms = new Rooms({
    ...{ bus, upstream, clock, log },
    hub: new Hub(scheduler),
    windowBytes: { total: config.windowBytes, room: Math.min(ROOM_WINDOW_BYTES, config.windowBytes) },
    lingering: LINGERING,
    onTaken: metrics.taken,
  });
  const tellWatchers = createTellWatchers({ clock, watchers: sessions.watchers, upstream });
  const accounts = new Accounts({
    ...{ bus, clock, sessions },
    onWatched: (tid, to, json) => void tellWatchers(tid, to, json),
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
    ...{ clock, bus, upstream, reachability, sessions, metrics, rooms, accounts, inbox, typing, reports, tellPresence },
    turn: scheduler,
    ...createTurns(config, clock),
    connections: new TenantConnections({ gateway: name, sessions, report: upstream.connections }),
    drain,
    pending: new Pending<Session>(config.maxPending, config.maxPendingPerIp),
    unsent: createUnsent(clock),
  };
}

/** The way to chat-services, and whether any is there. */
function createUpstream(bus: Bus, clock: Clock, name: string) {
  const peers = new Peers(clock);
  const reachability = new Reachability(clock);
  bus.subscribe(subjects.alive, (peer) => {
    peers.noteAlive(new TextDecoder().decode(peer));
    reachability.noteAlive();
  });
  return { upstream: new Upstream(bus, clock, name, peers), reachability };
}

function createUnsent(clock: Clock): UnsentAnswers {
  const { answerStallMs: stallMs, answerMs } = LIMITS;
  return new UnsentAnswers({ maxBytes: UNSENT_BYTES, stallMs, answerMs, clock });
}

/** What keeps users from taking the turns of others. */
function createTurns({ limits }: Settings, clock: Clock) {
  const { joinsPerUser, uploadPerUser: upload, replayPerUser: replay } = limits;
  const joinTurns = new JoinTurns({ clock, rate: joinsPerUser });
  const isCrowded = (userId: string) => joinTurns.isCrowded(userId);
  return { joinTurns, allowances: new Allowances({ clock, upload, replay, isCrowded }) };
}
