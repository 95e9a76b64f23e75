/** One gateway process: the real parts, wired as `services/gateway/src/server.ts` wires them, on simulated ports. */
import { createUlid } from '@messagecore/kernel';
import { LIMITS, type RateLimits } from '@messagecore/protocol';
import { startLoop } from '@messagecore/runtime';
import { Drain } from '../../../services/gateway/src/drain.ts';
import { FlushScheduler } from '../../../services/gateway/src/egress/flush-scheduler.ts';
import { Accounts } from '../../../services/gateway/src/feed/accounts.ts';
import { HeadCheck } from '../../../services/gateway/src/feed/head-check.ts';
import { Rooms } from '../../../services/gateway/src/feed/rooms.ts';
import { Hub } from '../../../services/gateway/src/hub/hub.ts';
import { createAuthenticate } from '../../../services/gateway/src/ingress/authenticate.ts';
import { connect } from '../../../services/gateway/src/ingress/connect.ts';
import { Typing } from '../../../services/gateway/src/presence/typing.ts';
import type { SessionDeps } from '../../../services/gateway/src/session/session.ts';
import { Allowances } from '../../../services/gateway/src/session/allowances.ts';
import { JoinTurns } from '../../../services/gateway/src/session/join-turns.ts';
import { MissedAdditions } from '../../../services/gateway/src/session/missed-additions.ts';
import { Pacer } from '../../../services/gateway/src/session/pacer.ts';
import { Sessions } from '../../../services/gateway/src/session/sessions.ts';
import { Upstream } from '../../../services/gateway/src/upstream/upstream.ts';
import { BusConnection } from '../bus/connection.ts';
import type { NatsServer } from '../bus/nats.ts';
import { Process } from '../engine/process.ts';
import type { Simulator } from '../engine/simulator.ts';
import type { Wire } from './wire.ts';

export interface GatewayOptions {
  readonly simulator: Simulator;
  readonly nats: NatsServer;
  readonly name: string;
  readonly limits: RateLimits;
  /** Memory for recent messages: small, so that sessions read history too. */
  readonly windowBytes: number;
  readonly drainGraceMs: number;
  readonly checksHeads: boolean;
}

const SWEEP_MS = 1_000;
const HEAD_CHECK_MS = 6_000;
const LINGERING = 20_000;
const TIMING = {
  authTimeoutMs: LIMITS.authTimeoutMs,
  heartbeatMs: LIMITS.heartbeatMs,
  deadPeerMs: LIMITS.deadPeerMs,
  lagCloseMs: LIMITS.lagCloseMs,
  reverifyMs: 25_000,
};

export class Gateway {
  readonly process: Process;
  readonly bus: BusConnection;
  readonly rooms: Rooms;
  readonly upstream: Upstream;
  readonly #sessions: Sessions;
  readonly #scheduler: FlushScheduler;
  readonly #drain: Drain;
  readonly #deps: SessionDeps;
  readonly #newSid: () => string;

  constructor({ simulator, nats, name, limits, windowBytes, drainGraceMs, checksHeads }: GatewayOptions) {
    const process = new Process(simulator, name);
    const { clock, log } = process;
    const { random } = process.chance;
    this.process = process;
    this.bus = new BusConnection(process, nats);
    this.upstream = new Upstream(this.bus, clock, `${name} ${process.chance.random()}`, { defer: process.defer });
    const sessions = new Sessions(clock, TIMING);
    this.#sessions = sessions;
    this.#scheduler = new FlushScheduler(process.defer, (run, ms) => clock.setTimeout(run, ms));
    this.#newSid = createUlid({ clock, random });
    this.rooms = new Rooms({
      ...{ bus: this.bus, upstream: this.upstream, clock, random, log },
      hub: new Hub(this.#scheduler, clock),
      windowBytes: { total: windowBytes, room: windowBytes },
      lingering: LINGERING,
      onTaken: () => {},
    });
    const accounts = new Accounts({
      ...{ bus: this.bus, clock, sessions },
      onWatched: () => {},
      onListChanged: () => {},
      onDropped: (tid, uid) => sessions.revocations.add({ tid, uid }),
    });
    const typing = new Typing({ clock, publish: (subject, payload) => this.bus.publish(subject, payload) });
    const joinTurns = new JoinTurns({ clock, rate: limits.joinsPerUser });
    const { uploadPerUser: upload, replayPerUser: replay } = limits;
    const flushed = () => this.upstream.flushed();
    this.#drain = new Drain({ graceMs: drainGraceMs, clock, random, sessions, flushed });
    this.#deps = {
      clock,
      log,
      timing: TIMING,
      rooms: this.rooms,
      upstream: this.upstream,
      typing,
      pacer: new Pacer(() => clock.monotonic(), process.defer),
      joinTurns,
      allowances: new Allowances({ clock, upload, replay, isCrowded: (userId) => joinTurns.isCrowded(userId) }),
      framesPerConnection: limits.framesPerConnection,
      verify: createAuthenticate({ clock, upstream: this.upstream, accounts }),
      verifyAgain: createAuthenticate({ clock, upstream: { open: this.upstream.reopen }, accounts }),
      revocations: sessions.revocations,
      watchers: sessions.watchers,
      presence: { set() {}, watched() {} },
      reconnectInMs: () => this.#drain.reconnectInMs,
      onOpened: (session) => sessions.opened(session),
      onLagging: () => simulator.note(name, () => 'a session lags'),
      onResumed: () => {},
      onReplayed: () => {},
      onSendAnswered: () => {},
      onClosed(session) {
        sessions.remove(session);
        if (session.userId !== '') accounts.ended(session.tid, session.userId, sessions);
      },
    };
    this.#startLoops(accounts, checksHeads);
  }

  /** False while it accepts no connections. */
  get accepts(): boolean {
    return this.process.alive && !this.#drain.begun;
  }

  accept(wire: Wire): void {
    const onUnencodable = ({ error }: { readonly error: unknown }) => {
      throw error;
    };
    const deps = { scheduler: this.#scheduler, session: this.#deps, newSid: this.#newSid, onUnencodable, address: '' };
    this.#sessions.add(connect(wire.connection, deps));
  }

  /** Closes all sessions, then ends. */
  drain(): void {
    this.process.simulator.note(this.process.name, () => 'drains');
    void this.#drain.run().then(() => this.process.kill());
  }

  #startLoops(accounts: Accounts, checksHeads: boolean): void {
    const { clock, log, chance } = this.process;
    const timing = { clock, log, random: chance.random };
    startLoop({
      ...timing,
      name: 'sweep',
      everyMs: SWEEP_MS,
      step: () => {
        this.#sessions.sweep();
        this.rooms.sweep();
        accounts.sweep();
      },
    });
    const { rooms, upstream } = this;
    const heads = new HeadCheck({ rooms, upstream, clock, everyMs: HEAD_CHECK_MS });
    const step = () => (checksHeads ? heads.step() : undefined);
    const check = startLoop({ ...timing, name: 'head check', everyMs: heads.stepMs, step });
    const additions = new MissedAdditions({
      clock,
      gained: upstream.gained,
      users: () => this.#sessions.present(),
      onUser: (tid, uid, event) => this.#sessions.onUser(tid, uid, event),
    });
    startLoop({ ...timing, name: 'missed additions', everyMs: SWEEP_MS, step: () => additions.step() });
    this.bus.onStatus((status) => {
      if (status === 'disconnected') additions.disconnected();
      if (status !== 'reconnected') return;
      additions.reconnected();
      heads.all();
      check.poke();
      this.#sessions.reverifySoon();
    });
  }
}
