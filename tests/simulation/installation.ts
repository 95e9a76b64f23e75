/** The whole installation of one run: every process, the links between them, and the steps of a plan. */
import { RATE_PROFILES, type RateLimits } from '@messagecore/protocol';
import type { FinalConversation } from '@messagecore/testkit';
import { ChatService } from './actors/chat-service.ts';
import { Client } from './actors/client.ts';
import { Gateway } from './actors/gateway.ts';
import { Recorder } from './actors/recorder.ts';
import { type BusConditions, NatsServer } from './bus/nats.ts';
import type { Mutant } from './mutants.ts';
import type { Plan, Step } from './plan.ts';
import { Database, type StoreConditions } from './store/database.ts';
import { type ConversationRow, type StoredRow, UNCHANGED } from './store/model.ts';
import { Chance } from './engine/chance.ts';
import type { Process } from './engine/process.ts';
import type { Simulator } from './engine/simulator.ts';

const TID = uuid(1, 0);
const DRAIN_GRACE_MS = 2_000;
const RESTART_MS = 1_000;
const TIGHT: RateLimits = {
  ...RATE_PROFILES.load,
  sendsPerUser: { perSecond: 2, burst: 4 },
  sendsPerRoom: { perSecond: 6, burst: 10 },
  joinsPerUser: { perSecond: 10, burst: 4 },
  uploadPerUser: { perSecond: 4_000, burst: 2_000 },
  replayPerUser: { perSecond: 40_000, burst: 20_000 },
};

export class Installation {
  readonly simulator: Simulator;
  readonly recorder: Recorder;
  readonly database: Database;
  readonly nats: NatsServer;
  readonly clients: readonly Client[];
  readonly #plan: Plan;
  readonly #mutant: Mutant;
  readonly #limits: RateLimits;
  readonly #busConditions: BusConditions;
  readonly #storeConditions: StoreConditions;
  readonly #gateways: Gateway[] = [];
  readonly #chatServices: ChatService[] = [];
  readonly #chance: Chance;
  #incarnations = 0;

  constructor(simulator: Simulator, plan: Plan, mutant: Mutant) {
    const { setup, seed } = plan;
    const { pace, loss, repeats, breaks } = setup;
    this.simulator = simulator;
    this.recorder = new Recorder(simulator);
    this.#plan = plan;
    this.#mutant = mutant;
    this.#chance = new Chance(seed, 'installation');
    this.#limits = setup.tightLimits ? TIGHT : RATE_PROFILES.load;
    this.#busConditions = { pace: { min: 0.1, max: pace.bus, slowShare: 0.02, slow: 10 * pace.bus }, loss, repeats };
    this.#storeConditions = { pace: { min: 0.1, max: pace.store }, breaksBefore: breaks / 2, breaksAfter: breaks / 2 };
    this.database = new Database(simulator, this.#storeConditions, mutant.store);
    this.nats = new NatsServer(simulator, this.#busConditions);
    for (let nr = 0; nr < setup.rooms; nr += 1) this.database.create(this.#newRoom(nr));
    for (let nr = 0; nr < setup.chatServices; nr += 1) this.#startChatService(nr);
    for (let nr = 0; nr < setup.gateways; nr += 1) this.#startGateway(nr);
    this.clients = setup.clients.map(({ encoding, byteFactor }, nr) => {
      const net = { min: 0.2, max: pace.net, slowShare: 0.02, slow: 5 * pace.net };
      return new Client({
        ...{ simulator, encoding, byteFactor, tid: TID },
        recorder: this.recorder,
        name: `client${nr}`,
        uid: uuid(3, nr),
        pace: () => net,
        pickGateway: () => this.#pickGateway(),
      });
    });
  }

  get rooms(): readonly ConversationRow[] {
    return [...this.database.conversations.values()];
  }

  /** The database as the history checker reads it. */
  get final(): FinalConversation[] {
    return this.rooms.map(({ cid, head, rev, epoch, first, messages }) => ({
      ...{ cid, head, rev, epoch, first },
      messages: [...messages.values()]
        .sort((a, b) => a.seq - b.seq)
        .map(({ seq, mid, sender, body, rev }) => ({ seq, mid, from: sender, body, rev })),
    }));
  }

  /** Connects all clients and runs the steps of the plan. */
  start(): void {
    const { simulator } = this;
    for (const [nr, client] of this.clients.entries()) {
      for (const { cid, participants } of this.rooms) if (participants.has(client.uid)) client.follow(cid);
      simulator.after(10 + nr, () => client.connect());
    }
    for (const step of this.#plan.steps) simulator.after(step.at, () => this.#carryOut(step));
  }

  /** Ends all faults: starts what is down, reconnects what is cut. */
  heal(): void {
    this.simulator.note('simulator', () => 'heals');
    Object.assign(this.#busConditions, { loss: 0, repeats: 0 });
    Object.assign(this.#storeConditions, { breaksBefore: 0, breaksAfter: 0 });
    if (!this.database.up) this.database.start();
    if (!this.nats.up) this.nats.start();
    for (const { bus, process } of [...this.#gateways, ...this.#chatServices]) {
      process.thaw();
      bus.heal();
    }
    for (const [nr, { process }] of this.#chatServices.entries()) if (!process.alive) this.#startChatService(nr);
    for (const [nr, { process }] of this.#gateways.entries()) if (!process.alive) this.#startGateway(nr);
  }

  /** What an application does when it is looked at: follows what the user takes part in. */
  followAll(): void {
    for (const client of this.clients) {
      if (!client.online) continue;
      for (const { cid, participants } of this.rooms) if (participants.has(client.uid)) client.follow(cid);
    }
  }

  /** Why it is not idle; undefined when all clients have everything. */
  get unrest(): string | undefined {
    for (const { bus, process } of [...this.#gateways, ...this.#chatServices]) {
      if (process.alive && bus.stalled) return `what the bus sent to ${process.name} is still held up`;
    }
    const { outbox, events } = this.database;
    if (outbox.size > 0) return `${outbox.size} rows in the outbox`;
    if (events.size > 0) return `${events.size} events in the outbox`;
    for (const client of this.clients) {
      const { name } = client.process;
      if (!client.online) return `${name} is not connected`;
      if (client.unsent > 0) return `${client.unsent} sends of ${name} are not answered`;
      for (const { cid, head, participants } of this.rooms) {
        if (!participants.has(client.uid)) continue;
        const at = client.position(cid);
        if (at === undefined) return `${name} has not joined ${cid}`;
        if (at.since !== head) return `${name} stands at ${at.since} of ${head} in ${cid}`;
      }
    }
    return undefined;
  }

  /** Clients that still follow conversations from which they were removed. */
  get intruders(): string[] {
    return this.clients.flatMap((client) =>
      this.rooms
        .filter(({ cid, participants }) => !participants.has(client.uid) && client.position(cid) !== undefined)
        .map(({ cid }) => `${client.process.name} still follows ${cid}`),
    );
  }

  #newRoom(nr: number): ConversationRow {
    const { clients, history, expired } = this.#plan.setup;
    const uids = clients.map((_, client) => uuid(3, client));
    const createdBy = uids[0] ?? '';
    return {
      ...{ cid: uuid(2, nr), tid: TID, kind: 'private', rev: 0, access: 0, epoch: 0, createdBy },
      head: history,
      first: expired + 1,
      participants: new Map(uids.map((uid) => [uid, { role: 'member', lastRead: 0, joinedAt: 0 }])),
      messages: oldMessages(history, expired, createdBy, this.database.now),
      reactions: new Set(),
      votes: new Set(),
    };
  }

  #startGateway(nr: number): void {
    const { simulator, nats } = this;
    const { windowBytes } = this.#plan.setup;
    const name = `gw${nr}.${(this.#incarnations += 1)}`;
    const gateway = new Gateway({
      ...{ simulator, nats, name, windowBytes },
      limits: this.#limits,
      drainGraceMs: DRAIN_GRACE_MS,
      checksHeads: this.#mutant.headChecks ?? true,
    });
    this.#mutant.gateway?.(gateway);
    this.#gateways[nr] = gateway;
  }

  #startChatService(nr: number): void {
    const { simulator, nats, database } = this;
    const name = `cs${nr}.${(this.#incarnations += 1)}`;
    const { publishing } = this.#mutant;
    this.#chatServices[nr] = new ChatService({
      ...{ simulator, nats, database, name, limits: this.#limits },
      ...(publishing && { publishing }),
    });
  }

  #pickGateway(): Gateway | undefined {
    const accepting = this.#gateways.filter(({ accepts, process }) => accepts && !process.frozen);
    return accepting.length === 0 ? undefined : this.#chance.of(accepting);
  }

  #carryOut(step: Step): void {
    this.simulator.note('plan', () => JSON.stringify(step));
    if ('client' in step) return this.#carryOutFor(step);
    if ('part' in step) return this.#trouble(step);
    switch (step.do) {
      case 'nats':
        if (!this.nats.up) return;
        this.nats.stop();
        return this.simulator.after(step.ms, () => this.nats.up || this.nats.start());
      case 'lose-stream':
        return this.nats.loseStream();
      case 'database':
        if (!this.database.up) return;
        this.database.stop();
        return this.simulator.after(step.ms, () => this.database.up || this.database.start());
      case 'deaf':
        return this.#forAWhile(step.ms, this.#busConditions, { loss: 0.7 });
      case 'fragile':
        return this.#forAWhile(step.ms, this.#storeConditions, { breaksBefore: 0.1, breaksAfter: 0.2 });
      case 'drain': {
        const gateway = this.#gateways[step.nr];
        if (gateway?.accepts !== true) return;
        gateway.process.onKilled(() => this.simulator.after(RESTART_MS, () => this.#startGateway(step.nr)));
        return gateway.drain();
      }
      default:
        step satisfies never;
    }
  }

  #carryOutFor(step: Extract<Step, { client: number }>): void {
    const client = this.clients[step.client];
    const cid = 'room' in step ? uuid(2, step.room) : '';
    if (client === undefined) return;
    switch (step.do) {
      case 'send':
        for (let n = 0; n < step.count; n += 1) client.send(cid);
        return;
      case 'edit':
        return client.edit(cid);
      case 'react':
        return client.react(cid, step.on);
      case 'leave':
        return client.leave(cid);
      case 'follow':
        return client.follow(cid);
      case 'rewind':
        return client.rewind(cid, step.back);
      case 'cut':
        return client.cut(step.silently);
      case 'lag':
        return client.lag(step.ms);
      case 'member':
        return this.#setMember(cid, client.uid, step.is);
      default:
        step satisfies never;
    }
  }

  #setMember(cid: string, uid: string, is: boolean): void {
    const able = this.#chatServices.filter(({ process }) => process.alive && !process.frozen);
    if (able.length === 0) return;
    const chatService = this.#chance.of(able);
    const noted = (what: string) => this.simulator.note('back end', () => `${is ? 'adds' : 'removes'} ${uid}: ${what}`);
    chatService.setMember(TID, cid, uid, is).then(
      () => noted('done'),
      (error: unknown) => noted(String(error)),
    );
  }

  #trouble({ do: kind, part, nr, ms }: Extract<Step, { part: unknown }>): void {
    const victim = part === 'gateway' ? this.#gateways[nr] : this.#chatServices[nr];
    if (victim === undefined || !victim.process.alive) return;
    const { process, bus } = victim;
    switch (kind) {
      case 'kill':
        process.kill();
        return this.simulator.after(ms, () => this.#restart(part, nr, process));
      case 'freeze':
        process.freeze();
        return this.simulator.after(ms, () => process.thaw());
      case 'partition':
        bus.partition();
        return this.simulator.after(ms, () => bus.heal());
      case 'stall':
        return bus.stall(ms);
      default:
        kind satisfies never;
    }
  }

  #restart(part: 'gateway' | 'chat-service', nr: number, old: Process): void {
    const present = part === 'gateway' ? this.#gateways[nr] : this.#chatServices[nr];
    if (present?.process !== old) return;
    if (part === 'gateway') this.#startGateway(nr);
    else this.#startChatService(nr);
  }

  #forAWhile<W extends object>(ms: number, conditions: W, change: Partial<W>): void {
    const before = { ...conditions };
    Object.assign(conditions, change);
    this.simulator.after(ms, () => {
      for (const name of Object.keys(change) as (keyof W)[]) conditions[name] = before[name];
    });
  }
}

/** Messages from before the run, written by the service itself. */
function oldMessages(count: number, expired: number, sender: string, now: number): Map<number, StoredRow> {
  const messages = new Map<number, StoredRow>();
  for (let seq = expired + 1; seq <= count; seq += 1) {
    messages.set(seq, {
      ...{ seq, sender, kind: 'sys', body: `{"event":"old ${seq}"}`, at: now - 3_600_000 },
      ...{ replyTo: null, threadRoot: null, showInChannel: false },
      mid: `01KD0000000000000000${String(seq).padStart(6, '0')}`,
      ...UNCHANGED,
    });
  }
  return messages;
}

/** Readable ids: the family, then the number. The end spreads conversations over the lanes. */
function uuid(family: number, nr: number): string {
  return `0000000${family}-0000-4000-8000-${String(nr).padStart(12, '0')}`;
}
