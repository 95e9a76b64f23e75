import type { Clock, Random } from '@messagecore/kernel';
import { ConvEvent, ReadEvent, type RpcResult, topicOf, TypingEvent } from '@messagecore/protocol/bus';
import type { Logger } from '@messagecore/runtime';
import { type Block, type Frames, Signal } from '../egress/block.ts';
import type { Advance, Audience } from '../hub/audience.ts';
import type { Hub } from '../hub/hub.ts';
import { Access } from './access.ts';
import { readMessages, readUpdates } from './envelopes.ts';
import { Filler } from './filler.ts';
import { type HistoryPage, Pages } from './pages.ts';
import type { RoomMember, Upstream } from './ports.ts';
import { ReadMarks } from './read-marks.ts';
import { ReadPace } from './read-pace.ts';
import { RoomLog, type Taken } from './room-log.ts';

/** Bytes of one slice of a replay. */
const SLICE_BYTES = 64 * 1024;

export type Heads = RpcResult<'heads'>;

export interface RoomDeps {
  readonly hub: Hub;
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly random?: Random;
  readonly log: Logger;
  /** The window's size may have changed. */
  readonly onGrowth: (room: Room) => void;
  /** This is about to be sent to so many members. */
  readonly onTaken: (taken: Taken, members: number) => void;
}

/**
 * One conversation that this gateway holds: its log in order, its recent part in memory, its members.
 *
 * Role: everything that the bus says about the conversation comes in here, and leaves for the members in order. A gap is
 * filled from the history after a short grace; whatever fails on the way is tried again. Sessions that catch up read
 * `messagesAfter` and `updatesAfter` until they stand at `seq` and `rev`, and are live from then on: as both are read
 * and compared in one turn, no frame falls into the seam.
 */
export class Room {
  readonly tid: string;
  readonly cid: string;
  /** Settles when the bus is known to have the subscription. */
  ready: Promise<void> = Promise.resolve();
  /** Sessions that hold or are about to enter the room. */
  refs = 0;
  epoch = 0;
  /** Oldest message that the history still has. */
  first = 1;
  readonly access: Access;
  readonly audience: Audience;
  readonly #deps: RoomDeps;
  readonly #log: RoomLog;
  readonly #reads: ReadMarks;
  readonly #readPace: ReadPace;
  readonly #filler: Filler;
  readonly #pages: Pages;
  #waiters: { seq: number; rev: number; resolve: () => void }[] = [];

  constructor(tid: string, cid: string, deps: RoomDeps) {
    this.tid = tid;
    this.cid = cid;
    this.#deps = deps;
    this.#log = new RoomLog(cid, () => deps.onGrowth(this));
    this.#reads = new ReadMarks(cid);
    this.#readPace = new ReadPace(deps.clock, () => this.audience.notify());
    this.audience = deps.hub.open({ cid, take: () => this.#take() });
    this.access = new Access(this, deps);
    this.#filler = new Filler(this, this.#log, { ...deps, onFilled: () => this.#advanced() });
    this.#pages = new Pages(this, this.#log.window, {
      upstream: deps.upstream,
      onGrowth: () => deps.onGrowth(this),
    });
  }

  /** Every live member has, or is about to get, the messages up to here. */
  get seq(): number {
    return this.#log.seq;
  }

  get rev(): number {
    return this.#log.rev;
  }

  /** The same for reports of reading: the number of the last one. */
  get reads(): number {
    return this.#reads.taken;
  }

  get windowBytes(): number {
    return this.#log.window.bytes;
  }

  /** Memory of all that is kept of the conversation, about: window, what waits, positions of reading. */
  get bytes(): number {
    return this.#log.bytes + this.#reads.bytes;
  }

  /** False until a first answer about the conversation has come. */
  get known(): boolean {
    return this.#log.started;
  }

  close(): void {
    this.#filler.stop();
    this.#readPace.stop();
  }

  shrinkWindow(maxBytes: number): void {
    this.#log.window.shrink(maxBytes);
  }

  /** Forgets what waits for something earlier, to be read from the history, and reports that nobody here lacks. */
  forgetWaiting(): void {
    this.#log.forgetWaiting();
    this.#reads.forgetUpTo(this.#readsOwed());
    this.#filler.check();
  }

  /** A message of the bus. @throws when it is malformed. */
  receive(payload: Uint8Array, subject: string): void {
    const topic = topicOf(subject);
    switch (topic) {
      case 'msg':
        for (const stretch of readMessages(payload)) this.#log.addMessages(stretch);
        return this.#advanced();
      case 'upd':
        this.#log.addUpdates(readUpdates(payload));
        return this.#advanced();
      case 'event':
        return this.access.onEvent(ConvEvent.parse(parse(payload)));
      case 'read': {
        const { more = [], ...first } = ReadEvent.parse(parse(payload));
        for (const { userId, pos } of [first, ...more]) this.#reads.add(userId, pos);
        return this.audience.notify();
      }
      case 'typing': {
        const { cid, userId: from, on, sid } = TypingEvent.parse(parse(payload));
        return this.audience.signal(new Signal(this.cid, { t: 'typing', cid, from, on }), { exceptSid: sid });
      }
      default:
        topic satisfies never;
    }
  }

  /** What the primary says about the conversation: starts the log, or shows what it has missed. */
  observe({ head, rev, epoch, first, access }: Heads): void {
    this.first = Math.max(this.first, first);
    if (!this.known) {
      this.epoch = epoch;
      this.access.start(access);
      this.#log.start(head, rev);
    } else if (epoch > this.epoch) {
      this.#restart({ head, rev, epoch, first, access });
    } else if (epoch === this.epoch) {
      this.access.noteVersion(access);
      this.#log.expect(head, rev);
    }
    this.#advanced();
  }

  /** Settles when the room's position is at least this. */
  async reached(seq: number, rev: number): Promise<void> {
    if (this.seq >= seq && this.rev >= rev) return;
    await new Promise<void>((resolve) => this.#waiters.push({ seq, rev, resolve }));
  }

  enter(member: RoomMember): void {
    this.audience.add(member);
  }

  leave(member: RoomMember): void {
    this.audience.remove(member);
  }

  *members(): Iterable<RoomMember> {
    for (const member of this.audience.members()) yield member as RoomMember;
  }

  /** Messages after `seq` from memory, a slice of them; undefined when they have to be fetched. */
  messagesAfter(seq: number): readonly Block[] | undefined {
    return this.#log.window.messagesAfter(seq, SLICE_BYTES);
  }

  /** Messages and gaps that follow `seq`, from the history. Rejects with a ChatError when it cannot be asked. */
  fetchMessages(seq: number): Promise<HistoryPage> {
    return this.#pages.messages(seq);
  }

  /** Changes after `rev` from memory, a slice of them; undefined when they have to be fetched. */
  updatesAfter(rev: number): readonly Block[] | undefined {
    return this.#log.window.updatesAfter(rev, SLICE_BYTES);
  }

  fetchUpdates(rev: number): Promise<HistoryPage> {
    return this.#pages.updates(rev);
  }

  /** Where those stand whose position moved after the report with this number. */
  readsAfter(number: number): readonly Frames[] {
    return this.#reads.after(number);
  }

  #take(): Advance | undefined {
    const taken = this.#log.take();
    // What did not fit before may be missing now.
    this.#filler.check();
    const reads = this.#reads.take(this.#readPace.allows(this.#reads.waiting, this.audience.size));
    this.#wake();
    if (taken === undefined && reads.length === 0) return undefined;
    if (taken !== undefined) {
      this.#deps.onGrowth(this);
      this.#deps.onTaken(taken, this.audience.size);
    }
    const { seq, rev } = this;
    return { frames: [...(taken?.blocks ?? []), ...reads], seq, rev, reads: this.reads };
  }

  /** Number of the last report that everybody has got, who is here or about to enter. */
  #readsOwed(): number {
    let owed = this.reads;
    // Who is about to enter may have asked at any time.
    if (this.refs > this.audience.size) return 0;
    for (const member of this.audience.members()) owed = Math.min(owed, member.reads);
    return owed;
  }

  /** Something may have changed: send what is ready, see to what is missing. */
  #advanced(): void {
    if (this.#log.missingMessages !== undefined || this.#log.missingUpdates !== undefined) this.#deps.onGrowth(this);
    this.audience.notify();
    this.#filler.check();
  }

  #wake(): void {
    if (this.#waiters.length === 0) return;
    const { seq, rev } = this;
    this.#waiters = this.#waiters.filter((waiter) => {
      const reached = seq >= waiter.seq && rev >= waiter.rev;
      if (reached) waiter.resolve();
      return !reached;
    });
  }

  #restart({ head, rev, epoch, first, access }: Heads): void {
    this.#deps.log.warn({ cid: this.cid, from: this.epoch, to: epoch }, 'history was replaced');
    this.epoch = epoch;
    this.first = first;
    for (const member of this.members()) {
      this.leave(member);
      member.restarted(head, epoch);
    }
    this.access.start(access);
    this.#log.start(head, rev);
  }
}

function parse(payload: Uint8Array): unknown {
  return JSON.parse(decoder.decode(payload));
}

const decoder = new TextDecoder();
