import { Batch, type Block, type Frames } from '../egress/block.ts';
import type { Allowance } from './allowance.ts';
import type { Membership } from './membership.ts';
import type { HistoryPage } from './ports.ts';

/** What a replay may take. */
export type PageAllowance = Pick<Allowance, 'fetchPage' | 'replayed'>;

/** What became of a step: `more` to do, `full`: the sink must drain first, a promise: not before it settles, `done`. */
export type Step = 'more' | 'full' | 'done' | Promise<void>;

/**
 * Brings a membership from where it stands to where its room stands, and makes it live.
 *
 * Messages come first, then changes. A message is replayed in the state of `asOf` at least, so a change to a replayed
 * message is sent only when it is newer than that; a change to a message that the client had before, when it is newer
 * than `rev` was. Changes beyond the room's own revision are left out: they come live. Last comes how far others have read
 * meanwhile. `live` is set in the same turn in which the positions were compared, so nothing falls into the seam and
 * nothing comes twice.
 */
export class Replay {
  readonly membership: Membership;
  /** By the monotonic clock. */
  begunAt = 0;
  readonly #allowance: PageAllowance;
  readonly #since: number;
  readonly #rev: number;
  /** Every replayed message has at least the state of this revision. */
  #asOf = Number.POSITIVE_INFINITY;
  #fetched: { readonly of: 'messages' | 'updates'; readonly page: HistoryPage } | undefined;

  constructor(membership: Membership, allowance: PageAllowance) {
    this.membership = membership;
    this.#allowance = allowance;
    this.#since = membership.seq;
    this.#rev = membership.rev;
  }

  /** Does a slice of the work. A promise rejects when the history cannot be read now; the next step tries again. */
  step(): Step {
    const member = this.membership;
    const { room } = member;
    if (member.left || member.live) return 'done';
    const fetched = this.#fetched;
    this.#fetched = undefined;
    // A page counts as what it was asked for: the room may have moved on meanwhile.
    if (fetched?.of === 'messages') return this.#messages(fetched.page.blocks, fetched.page.asOf);
    if (fetched?.of === 'updates') return this.#updates(fetched.page.blocks, fetched.page.to);
    if (member.seq < room.seq) {
      const blocks = room.messagesAfter(member.seq);
      return blocks === undefined ? this.#fetch('messages') : this.#messages(blocks, room.rev);
    }
    if (member.rev < room.rev) {
      const blocks = room.updatesAfter(member.rev);
      return blocks === undefined ? this.#fetch('updates') : this.#updates(blocks);
    }
    if (member.reads < room.reads) return this.#reads(room.readsAfter(member.reads));
    member.live = true;
    return 'done';
  }

  async #fetch(of: 'messages' | 'updates'): Promise<void> {
    const member = this.membership;
    await this.#allowance.fetchPage(async () => {
      if (member.left) return;
      const { room, seq, rev } = member;
      const page = of === 'messages' ? await room.fetchMessages(seq) : await room.fetchUpdates(rev);
      this.#allowance.replayed(page.blocks.reduce((sum, block) => sum + block.byteLength, 0));
      this.#fetched = { of, page };
    });
  }

  #messages(blocks: readonly Block[], asOf: number): Step {
    const member = this.membership;
    const fresh = blocks.flatMap((block) => after(block, member.seq, member.room.seq));
    const last = fresh.at(-1);
    if (last === undefined) return 'more';
    if (!member.sink.deliver(new Batch(member.room.cid, fresh))) return 'full';
    this.#asOf = Math.min(this.#asOf, asOf);
    member.seq = last.last;
    return 'more';
  }

  #updates(blocks: readonly Block[], coveredTo?: number): Step {
    const member = this.membership;
    const { room } = member;
    const wanted = blocks.flatMap((block) => this.#wanted(block, room.rev));
    if (wanted.length > 0 && !member.sink.deliver(new Batch(room.cid, wanted))) return 'full';
    const last = coveredTo ?? blocks.at(-1)?.last ?? room.rev;
    member.rev = Math.max(member.rev, Math.min(last, room.rev));
    return 'more';
  }

  #reads(marks: readonly Frames[]): Step {
    const member = this.membership;
    const { room } = member;
    if (marks.length > 0 && !member.sink.deliver(new Batch(room.cid, marks))) return 'full';
    member.reads = room.reads;
    return 'more';
  }

  /**
   * The changes that the client lacks. One to a message that is still to be replayed comes with the message, and one to a
   * message from before the user's time not at all.
   */
  #wanted(block: Block, upTo: number): Block[] {
    const { seq, rev, from } = this.membership;
    const wanted = (block.marks ?? []).map((mark) => {
      const known = mark.seq <= this.#since ? this.#rev : this.#asOf;
      return mark.seq >= from && mark.seq <= seq && mark.rev > Math.max(rev, known) && mark.rev <= upTo;
    });
    return [...block.picked(wanted)];
  }
}

/** The part of a block of messages, or of a gap, with `seq < number <= upTo`. */
function after(block: Block, seq: number, upTo: number): Block[] {
  const first = Math.max(block.first, seq + 1);
  const last = Math.min(block.last, upTo);
  if (first > last) return [];
  if (first === block.first && last === block.last) return [block];
  return [
    block.kind === 'gap' ? block.gapWithin(first, last) : block.slice(first - block.first, last + 1 - block.first),
  ];
}
