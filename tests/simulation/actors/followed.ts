/** The conversations that a client follows: the SDK's own cursor, and joins until there is one that holds. */
import type { Clock, Timer } from '@messagecore/kernel';
import { type DownFrameOf, ERRORS, type UpFrame } from '@messagecore/protocol';
import {
  type Cursor,
  disconnected,
  joinRefused,
  joinSent,
  type Judgement,
  onGap,
  onHead,
  onJoined,
  onMessage,
  onUpdate,
  type StartAt,
  startCursor,
} from '../../../libs/sdk-js/src/conversation/cursor.ts';
import type { Recorder } from './recorder.ts';

export type ConversationFrame = DownFrameOf<'joined' | 'message' | 'update' | 'gap' | 'conv' | 'error'>;

export interface FollowedOptions {
  readonly cid: string;
  readonly uid: string;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** False, and nothing sent, unless online. */
  readonly transmit: (frame: UpFrame) => boolean;
  /** The present session's name. */
  readonly session: () => string;
}

const REJOIN_MS = 300;
const FROM_THE_BEGINNING: StartAt = { since: 0, rev: 0 };

export class Followed {
  readonly cid: string;
  readonly #options: FollowedOptions;
  #cursor: Cursor = startCursor(FROM_THE_BEGINNING);
  /** Positions of joins that are not answered yet, in order. */
  #asked: StartAt[] = [];
  /** Joined, and neither left nor removed since. */
  #open = false;
  #retry: Timer | undefined;

  constructor(options: FollowedOptions) {
    this.cid = options.cid;
    this.#options = options;
  }

  get cursor(): Cursor {
    return this.#cursor;
  }

  /** Joined, with no other join under way. */
  get settled(): boolean {
    return this.#open && this.#asked.length === 0;
  }

  /** A position for `resume`, counted as asked; undefined when there is none yet. */
  takePosition(): [number, number, number?] | undefined {
    const { since, rev, epoch } = this.#cursor;
    if (since === undefined || rev === undefined) return undefined;
    this.#cursor = joinSent(this.#cursor);
    this.#asked.push({ since, rev });
    return epoch === undefined ? [since, rev] : [since, rev, epoch];
  }

  join(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    const { since, rev, epoch } = this.#cursor;
    const sent = this.#options.transmit({
      ...{ t: 'join', cid: this.cid },
      ...(since !== undefined && { since }),
      ...(rev !== undefined && { rev }),
      ...(epoch !== undefined && { epoch }),
    });
    if (!sent) return;
    this.#cursor = joinSent(this.#cursor);
    this.#asked.push({ since, rev });
  }

  /** Joins unless it has, or is about to. */
  ensure(): void {
    if (!this.#open && this.#asked.length === 0) this.join();
  }

  /** Joins again from an older position, as an application does that lost its last writes. */
  rewind(back: number): void {
    const { since = 0, rev = 0, epoch, joins } = this.#cursor;
    const at = { since: Math.max(0, since - back), rev: Math.max(0, rev - back), epoch };
    this.#cursor = { ...startCursor(at), joins };
    this.join();
  }

  /** Nothing more is expected: it was left, or taken away. */
  close(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    if (this.#open) this.#options.recorder.ended(this.#options.session(), this.cid);
    this.#open = false;
  }

  offline(): void {
    this.#asked = [];
    this.#open = false;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#cursor = disconnected(this.#cursor);
  }

  receive(frame: ConversationFrame): void {
    const { recorder, session } = this.#options;
    if (frame.t === 'joined') return this.#onJoined(frame);
    if (frame.t === 'conv') return this.#onConv(frame);
    if (frame.t === 'error') return this.#onError(frame);
    // Left and followed again: what comes before the answer to the new join was on its way.
    if (!this.#open && this.#asked.length > 0) return;
    if (frame.t === 'message') {
      recorder.message(session(), frame);
      return this.#judged(onMessage(this.#cursor, frame.seq));
    }
    if (frame.t === 'update') {
      recorder.update(session(), frame);
      return this.#judged(onUpdate(this.#cursor, frame.seq, frame.rev));
    }
    recorder.gap(session(), frame);
    return this.#judged(onGap(this.#cursor, frame.from, frame.to));
  }

  heads(head: number, rev: number): void {
    this.#cursor = onHead(this.#cursor, head, rev);
  }

  #onJoined(frame: DownFrameOf<'joined'>): void {
    const asked = this.#asked.shift();
    if (asked === undefined) return;
    this.#options.recorder.joined(this.#options.session(), asked, frame);
    this.#open = true;
    this.#judged(onJoined(this.#cursor, frame));
  }

  #onConv({ event, users }: DownFrameOf<'conv'>): void {
    const isMe = users === undefined || users.includes(this.#options.uid);
    if (event === 'removed' && isMe) this.close();
    if (event === 'added' && !this.#open) this.join();
  }

  #onError({ code, retryAfterMs = REJOIN_MS }: DownFrameOf<'error'>): void {
    const joining = this.#asked.shift() !== undefined;
    if (joining) this.#cursor = joinRefused(this.#cursor);
    if (code !== 'cursor_ahead') {
      if (ERRORS[code].retry === 'later') return this.#joinLater(retryAfterMs);
      return this.close();
    }
    this.close();
    this.#startOver();
  }

  #judged({ cursor, verdict }: Judgement): void {
    this.#cursor = cursor;
    if (verdict === 'rejoin') this.#joinLater(REJOIN_MS);
    if (verdict === 'reset') this.#startOver();
  }

  #startOver(): void {
    this.#cursor = { ...startCursor(FROM_THE_BEGINNING), joins: this.#cursor.joins };
    this.#joinLater(REJOIN_MS);
  }

  #joinLater(ms: number): void {
    this.#retry ??= this.#options.clock.setTimeout(() => this.join(), ms);
  }
}
