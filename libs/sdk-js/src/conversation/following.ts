/**
 * Follows one conversation: where the client stands in it, and what it does about what is missing.
 *
 * A loss shows as a message out of turn, or as a head that stays ahead of the cursor; both end in a join from the cursor,
 * so the worst that a lost frame costs is time.
 */
import type { Clock, Random } from '@messagecore/kernel';
import type { Gap } from '../events.ts';
import type { DownFrameOf } from '../wire.ts';
import {
  type Cursor,
  disconnected,
  isBehind,
  joinRefused,
  joinSent,
  type Judgement,
  onGap,
  onHead,
  onJoined,
  onMessage,
  onUpdate,
  passOver,
  type StartAt,
  startCursor,
} from './cursor.ts';
import { Rejoining } from './rejoining.ts';
import { UnreadableMessages } from './unreadable.ts';

/** What the application is handed. */
export type Delivery = DownFrameOf<'message' | 'update'> | Gap;

export interface FollowingOptions {
  readonly cid: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly isWanted: () => boolean;
  /** Asks for a join, together with what others ask for within so many milliseconds. */
  readonly requestJoin: (withinMs?: number) => void;
  /** Frames of this connection that could not be read so far. */
  readonly unreadable: () => number;
  readonly deliver: (delivery: Delivery, since: number) => void;
}

export class Following {
  readonly #options: FollowingOptions;
  readonly #rejoining: Rejoining;
  readonly #unreadable: UnreadableMessages;
  #cursor: Cursor = startCursor();
  #startAt: StartAt = {};

  constructor(options: FollowingOptions) {
    this.#options = options;
    const { clock, random, isWanted, requestJoin, unreadable } = options;
    this.#unreadable = new UnreadableMessages(unreadable);
    this.#rejoining = new Rejoining({
      clock,
      random,
      rejoin: (withinMs) => {
        if (this.#passOver(this.#cursor.head)) return;
        this.#unreadable.missed(this.#cursor.since);
        requestJoin(withinMs);
      },
      unanswered: () => this.#lostJoins(),
      behindAt: () => (isWanted() && isBehind(this.#cursor) ? `${this.#cursor.since} ${this.#cursor.rev}` : undefined),
    });
  }

  get cursor(): Cursor {
    return this.#cursor;
  }

  /** Begins there, whatever was followed before. */
  startAt(startAt: StartAt): void {
    this.#startAt = startAt;
    this.#cursor = { ...startCursor(startAt), joins: this.#cursor.joins };
    this.#unreadable.stop();
  }

  /** A join is sent from here. */
  takeJoin(): StartAt {
    this.#unreadable.stop();
    this.#cursor = joinSent(this.#cursor);
    this.#rejoining.asked();
    const { since, rev, epoch } = this.#cursor;
    return { since, rev, epoch };
  }

  /** False when the server's history is not the one that was followed. */
  joined(frame: DownFrameOf<'joined'>): boolean {
    const { cursor, verdict } = onJoined(this.#cursor, frame);
    this.#answered(cursor);
    if (verdict === 'reset') return false;
    this.#unreadable.replayFrom(cursor.since ?? frame.head);
    return true;
  }

  joinRefused(): void {
    this.#answered(joinRefused(this.#cursor));
  }

  /** Joins again, at once unless that was in vain lately. */
  rejoin(atLeastMs?: number): void {
    this.#rejoining.rejoin(atLeastMs);
  }

  /** What is held is void: begins anew, the way the application began. */
  reset(): void {
    const { since, rev } = this.#startAt;
    const afresh = since === undefined ? {} : { since: 0, rev: rev === undefined ? undefined : 0 };
    this.#cursor = { ...startCursor(afresh), joins: this.#cursor.joins };
  }

  receive(frame: DownFrameOf<'message' | 'update' | 'gap'>): void {
    if (!this.#options.isWanted()) return;
    if (frame.t === 'message') {
      this.#passOver(frame.seq - 1);
      this.#judged(onMessage(this.#cursor, frame.seq), frame);
    } else if (frame.t === 'update') this.#judged(onUpdate(this.#cursor, frame.seq, frame.rev), frame);
    else {
      // Of a gap that begins before the cursor, the application is told what it has not seen.
      const from = Math.max(frame.from, (this.#cursor.since ?? 0) + 1);
      this.#judged(onGap(this.#cursor, frame.from, frame.to), { ...frame, from });
    }
  }

  /** The server told where the conversation stands. */
  heads(head: number, rev: number): void {
    this.#cursor = onHead(this.#cursor, head, rev);
    this.watch();
  }

  /** The head is known anew. */
  watch(): void {
    this.#rejoining.watch();
  }

  /** No connection, or not wanted any more. */
  stop(): void {
    this.#lostJoins();
    this.#unreadable.stop();
    this.#rejoining.stop();
  }

  #lostJoins(): void {
    this.#cursor = disconnected(this.#cursor);
  }

  /** A join was answered, one way or the other. */
  #answered(cursor: Cursor): void {
    this.#cursor = cursor;
    if (cursor.joins === 0) this.#rejoining.answered();
  }

  #judged({ cursor, verdict }: Judgement, delivery: Delivery): void {
    this.#cursor = cursor;
    if (verdict === 'rejoin') return this.#rejoining.rejoin();
    if (verdict !== 'deliver') return;
    this.#rejoining.progress();
    this.#options.deliver(delivery, cursor.since ?? 0);
  }

  /** Goes on behind messages up to `to` that cannot be read. Whether there were such. */
  #passOver(to: number): boolean {
    const { since = 0 } = this.#cursor;
    if (!this.#unreadable.areAll(this.#cursor.since, to)) return false;
    this.#cursor = passOver(this.#cursor, to);
    this.#rejoining.progress();
    const { cid, deliver } = this.#options;
    deliver({ t: 'gap', cid, from: since + 1, to, reason: 'unreadable' }, to);
    return true;
  }
}
