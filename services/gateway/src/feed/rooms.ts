import type { Bus, Subscription } from '@messagecore/bus';
import { subjects } from '@messagecore/protocol/bus';
import { Room, type RoomDeps } from './room.ts';
import { SharedFlush } from './shared-flush.ts';
import type { TracedDeliveries } from './traced-deliveries.ts';

/** How long a room without members stays subscribed, so that those who reconnect find its window warm. */
const LINGER_MS = 45_000;

export interface RoomsOptions extends Omit<RoomDeps, 'onGrowth'> {
  readonly bus: Bus;
  /** Bytes that all rooms together may take, windows and what waits, and one room's window at the most. */
  readonly windowBytes: { readonly total: number; readonly room: number };
  /** Rooms without members that are kept at most. */
  readonly lingering: number;
  /** None are recorded when left out. */
  readonly traced?: TracedDeliveries | undefined;
}

interface RoomEntry {
  readonly room: Room;
  readonly subscription: Subscription;
  bytes: number;
}

/**
 * The rooms that this gateway holds, one bus subscription each, shared by all their sessions.
 *
 * A room lives while somebody refers to it and lingers for a while after. What rooms keep is bounded for all together,
 * windows for each room too: at the bound the rooms that were quiet for longest lose theirs, which costs a request later
 * and nothing else. Where that is not enough, what waits for something earlier is forgotten too, and read again from
 * the history.
 */
export class Rooms {
  readonly #options: RoomsOptions;
  readonly #deps: RoomDeps;
  /** The least recently active first. */
  readonly #rooms = new Map<string, RoomEntry>();
  /** Since when a room has no members; the longest first. */
  readonly #lingering = new Map<Room, number>();
  readonly #flush: SharedFlush;
  /** When each room was last compared with the record; the longest ago first. */
  readonly #checkedAt = new Map<Room, number>();
  #bytes = 0;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#flush = new SharedFlush(options.bus);
    const { onTaken, traced } = options;
    this.#deps = {
      ...options,
      onGrowth: (room) => this.#onGrowth(room),
      onTaken:
        traced === undefined
          ? onTaken
          : (taken, members) => {
              onTaken(taken, members);
              traced.taken(taken, members);
            },
    };
  }

  get size(): number {
    return this.#rooms.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Rooms with members that were last compared with the record at or before this time, the longest ago first. */
  due(before: number, limit: number): Room[] {
    const due: Room[] = [];
    // Those that need no check go to the end: they are not to be met again there.
    let left = this.#checkedAt.size;
    for (const [room, at] of this.#checkedAt) {
      if (at > before || due.length >= limit || left === 0) break;
      left -= 1;
      if (room.known && room.audience.size > 0) due.push(room);
      else this.checked(room);
    }
    return due;
  }

  /** The room has just been compared with the record. */
  checked(room: Room): void {
    if (!this.#checkedAt.delete(room)) return;
    this.#checkedAt.set(room, this.#options.clock.monotonic());
  }

  holds(tid: string, cid: string): boolean {
    return this.#rooms.has(subjects.room(tid, cid));
  }

  /** The room, held until `release`. Await its `ready` before asking anybody where it stands. */
  acquire(tid: string, cid: string): Room {
    const key = subjects.room(tid, cid);
    const room = this.#rooms.get(key)?.room ?? this.#open(key, tid, cid);
    room.refs += 1;
    this.#lingering.delete(room);
    return room;
  }

  release(room: Room): void {
    room.refs -= 1;
    if (room.refs > 0) return;
    if (!room.known) return this.#close(room);
    this.#lingering.set(room, this.#options.clock.monotonic());
    const [oldest] = this.#lingering.keys();
    if (this.#lingering.size > this.#options.lingering && oldest !== undefined) this.#close(oldest);
  }

  /** Closes the rooms that have lingered long enough. To be called every second or so. */
  sweep(): void {
    this.#options.traced?.sweep();
    const since = this.#options.clock.monotonic() - LINGER_MS;
    for (const [room, at] of this.#lingering) {
      if (at > since) return;
      this.#close(room);
    }
  }

  #open(key: string, tid: string, cid: string): Room {
    const room = new Room(tid, cid, this.#deps);
    const { bus, traced } = this.#options;
    const subscription = bus.subscribe(key, (payload, subject, header) => {
      traced?.received(payload, header, room.seq);
      room.receive(payload, subject);
    });
    this.#rooms.set(key, { room, subscription, bytes: 0 });
    this.#checkedAt.set(room, this.#options.clock.monotonic());
    room.ready = this.#flush.flush();
    // Whoever waits for it learns of a failure; nobody may be waiting.
    room.ready.catch(() => {});
    return room;
  }

  #close(room: Room): void {
    const key = subjects.room(room.tid, room.cid);
    const held = this.#rooms.get(key);
    if (held?.room !== room) return;
    this.#lingering.delete(room);
    this.#rooms.delete(key);
    this.#checkedAt.delete(room);
    this.#bytes -= held.bytes;
    held.subscription.unsubscribe();
    room.close();
  }

  #onGrowth(room: Room): void {
    const key = subjects.room(room.tid, room.cid);
    const held = this.#rooms.get(key);
    if (held === undefined) return;
    this.#rooms.delete(key);
    this.#rooms.set(key, held);
    const { room: perRoom, total } = this.#options.windowBytes;
    // To three quarters, so that not every message has to make room.
    if (room.windowBytes > perRoom) room.shrinkWindow(perRoom * 0.75);
    this.#account(held);
    if (this.#bytes > total) this.#makeRoom(total * 0.9);
  }

  #account(held: RoomEntry): void {
    const { bytes } = held.room;
    this.#bytes += bytes - held.bytes;
    held.bytes = bytes;
  }

  #makeRoom(target: number): void {
    this.#shrinkQuietest(target, (room) => room.shrinkWindow(0));
    this.#shrinkQuietest(target, (room) => room.forgetWaiting());
  }

  #shrinkQuietest(target: number, shrink: (room: Room) => void): void {
    for (const held of this.#rooms.values()) {
      if (this.#bytes <= target) return;
      if (held.bytes === 0) continue;
      shrink(held.room);
      this.#account(held);
    }
  }
}
