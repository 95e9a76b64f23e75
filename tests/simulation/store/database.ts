/**
 * A model of the database: read committed, row locks on conversations held until the end of the transaction, all of a
 * transaction or nothing of it. Who asks is a session; one that breaks is rolled back, unless its commit was there first.
 */
import type { Chance } from '../engine/chance.ts';
import { delayOf, type Pace } from '../engine/link.ts';
import type { Simulator } from '../engine/simulator.ts';
import { type BusState, type ConversationRow, type EventRow, type OutboxRow, sqlError } from './model.ts';

/** What may happen between a service and the database; changes during a run. */
export interface StoreConditions {
  pace: Pace;
  /** Shares of statements before whose execution, or after whose commit, the connection breaks. */
  breaksBefore: number;
  breaksAfter: number;
}

/** What a broken variant of the database does differently. */
export interface StoreVariant {
  /** Repeats of a `mid` are stored again. */
  readonly forgetsMids?: boolean;
  /** Row locks are not taken. */
  readonly unlocked?: boolean;
  /** Answers are given before the commit, which is then lost when anything happens. */
  readonly answersEarly?: boolean;
  /** The relay finds no unpublished rows. */
  readonly hidesOutbox?: boolean;
}

interface Waiter {
  readonly transaction: Transaction;
  readonly granted: () => void;
  readonly failed: (error: Error) => void;
}

interface Lock {
  owner: Transaction;
  readonly waiting: Waiter[];
}

interface Lease {
  readonly holder: string;
  readonly owner: object;
  readonly until: number;
}

export class Database {
  readonly simulator: Simulator;
  readonly conditions: StoreConditions;
  readonly variant: StoreVariant;
  readonly chance: Chance;
  readonly outbox = new Map<number, OutboxRow>();
  readonly events = new Map<number, EventRow>();
  readonly leases = new Map<string, Lease>();
  busState: BusState | undefined;
  up = true;
  readonly #conversations = new Map<string, ConversationRow>();
  readonly #locks = new Map<string, Lock>();
  readonly #open = new Set<Transaction>();
  readonly #gone = new WeakSet<object>();
  #outboxIds = 0;

  constructor(simulator: Simulator, conditions: StoreConditions, variant: StoreVariant = {}) {
    this.simulator = simulator;
    this.conditions = conditions;
    this.variant = variant;
    this.chance = simulator.chance('database');
  }

  get conversations(): ReadonlyMap<string, ConversationRow> {
    return this.#conversations;
  }

  /** The server's time, whole milliseconds. */
  get now(): number {
    return Math.trunc(this.simulator.clock.now());
  }

  create(conversation: ConversationRow): void {
    this.#conversations.set(conversation.cid, conversation);
  }

  begin(owner: object): Transaction {
    if (!this.up) throw sqlError('ECONNREFUSED');
    const transaction = new Transaction(this, owner);
    this.#open.add(transaction);
    return transaction;
  }

  /** Rolls back what the owner has open, as the server does when connections end. */
  dropSessionsOf(owner: object): void {
    this.#gone.add(owner);
    for (const transaction of this.#open) if (transaction.owner === owner) transaction.rollback();
  }

  /** Whether the sessions of this process have ended. */
  isGone(owner: object): boolean {
    return this.#gone.has(owner);
  }

  /** Immediate shutdown: what is not committed never happened. */
  stop(): void {
    this.simulator.note('database', () => 'down');
    this.up = false;
    for (const transaction of this.#open) transaction.rollback();
  }

  start(): void {
    this.simulator.note('database', () => 'up');
    this.up = true;
  }

  pause(): Promise<void> {
    return this.simulator.sleep(delayOf(this.chance, this.conditions.pace));
  }

  nextOutboxId(): number {
    return (this.#outboxIds += 1);
  }

  // For transactions.

  /** Waits in line. @throws the error of a lock that was not got in time, or of a transaction that ended meanwhile. */
  async lock(transaction: Transaction, cid: string, timeoutMs: number): Promise<void> {
    const held = this.#locks.get(cid);
    if (this.variant.unlocked === true || held?.owner === transaction) return;
    transaction.locked.add(cid);
    if (held === undefined) {
      this.#locks.set(cid, { owner: transaction, waiting: [] });
      return;
    }
    await new Promise<void>((granted, failed) => {
      const waiter = { transaction, granted, failed };
      held.waiting.push(waiter);
      this.simulator.after(timeoutMs, () => {
        const place = held.waiting.indexOf(waiter);
        if (place === -1) return;
        held.waiting.splice(place, 1);
        failed(sqlError('55P03'));
      });
    });
  }

  #unlock(transaction: Transaction, cid: string): void {
    const held = this.#locks.get(cid);
    if (held === undefined) return;
    const mine = held.waiting.findIndex((waiter) => waiter.transaction === transaction);
    if (mine !== -1) held.waiting.splice(mine, 1)[0]?.failed(sqlError('CONNECTION_CLOSED'));
    if (held.owner !== transaction) return;
    const next = held.waiting.shift();
    if (next === undefined) this.#locks.delete(cid);
    else held.owner = next.transaction;
    next?.granted();
  }

  ended(transaction: Transaction): void {
    this.#open.delete(transaction);
    for (const cid of transaction.locked) this.#unlock(transaction, cid);
  }

  apply(transaction: Transaction): void {
    const { changed, outboxAdded, outboxGivenUp, outboxDeleted, busState } = transaction;
    this.#applyEvents(transaction);
    for (const [cid, conversation] of changed) this.#conversations.set(cid, conversation);
    for (const row of outboxAdded) this.outbox.set(row.id, row);
    for (const id of outboxGivenUp) {
      const row = this.outbox.get(id);
      if (row !== undefined) this.outbox.set(id, { ...row, writer: undefined });
    }
    for (const id of outboxDeleted) this.outbox.delete(id);
    if (busState !== undefined) this.busState = busState;
  }

  #applyEvents({ eventsAdded, eventsGivenUp, eventsDeleted }: Transaction): void {
    for (const row of eventsAdded) this.events.set(row.id, row);
    for (const id of eventsGivenUp) {
      const row = this.events.get(id);
      if (row !== undefined) this.events.set(id, { ...row, writer: undefined });
    }
    for (const id of eventsDeleted) this.events.delete(id);
  }
}

/** What one transaction sees and has done so far. */
export class Transaction {
  readonly database: Database;
  readonly owner: object;
  readonly changed = new Map<string, ConversationRow>();
  readonly outboxAdded: OutboxRow[] = [];
  readonly outboxGivenUp = new Set<number>();
  readonly outboxDeleted = new Set<number>();
  readonly eventsAdded: EventRow[] = [];
  readonly eventsGivenUp = new Set<number>();
  readonly eventsDeleted = new Set<number>();
  busState: BusState | undefined;
  /** Time of its beginning: what `now()` gives. */
  readonly startedAt: number;
  over = false;
  /** Conversations whose rows it has locked, or waits for. */
  readonly locked = new Set<string>();

  constructor(database: Database, owner: object) {
    this.database = database;
    this.owner = owner;
    this.startedAt = database.now;
  }

  /** @throws when the transaction was ended from outside. */
  check(): void {
    if (this.over) throw sqlError('CONNECTION_CLOSED');
  }

  get(cid: string): ConversationRow | undefined {
    return this.changed.get(cid) ?? this.database.conversations.get(cid);
  }

  put(conversation: ConversationRow): void {
    this.changed.set(conversation.cid, conversation);
  }

  /** In the order of the ids. @throws `55P03` when one is not got in time. */
  async lock(cids: Iterable<string>, timeoutMs: number): Promise<void> {
    for (const cid of [...new Set(cids)].sort()) {
      if (!this.database.conversations.has(cid)) continue;
      await this.database.lock(this, cid, timeoutMs);
      this.check();
    }
  }

  addOutbox(topic: OutboxRow['topic'], ranges: OutboxRow['ranges']): number {
    const { database } = this;
    const id = database.nextOutboxId();
    this.outboxAdded.push({ id, topic, createdAt: database.now, ranges, writer: this.owner });
    return id;
  }

  /** The last event of the topic about the same that is not published yet, as the statement began. */
  lastEvent(topic: string, about: string): number | null {
    const ids = this.eventRows().flatMap((row) => (row.topic === topic && row.about === about ? [row.id] : []));
    return ids.length === 0 ? null : Math.max(...ids);
  }

  addEvent(event: Omit<EventRow, 'id' | 'createdAt' | 'writer'>): number {
    const { database } = this;
    const id = database.nextOutboxId();
    this.eventsAdded.push({ ...event, id, createdAt: database.now, writer: this.owner });
    return id;
  }

  eventRows(): EventRow[] {
    return [...this.database.events.values(), ...this.eventsAdded].filter(({ id }) => !this.eventsDeleted.has(id));
  }

  outboxRows(): OutboxRow[] {
    const { outbox } = this.database;
    return [...outbox.values(), ...this.outboxAdded].filter(({ id }) => !this.outboxDeleted.has(id));
  }

  commit(): void {
    this.check();
    this.over = true;
    this.database.apply(this);
    this.database.ended(this);
  }

  rollback(): void {
    if (this.over) return;
    this.over = true;
    this.database.ended(this);
  }
}
