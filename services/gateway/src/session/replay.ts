import { Batch, type Block } from '../egress/block.ts';
import type { Membership } from './membership.ts';
import type { HistoryPage } from './ports.ts';

/** What became of a step: `more` to do at once, `fetched`: nothing until the promise settles, `full`: the sink must drain, `done`. */
export type Step = 'more' | 'full' | 'done' | Promise<void>;

/**
 * Brings a membership from where it stands to where its room stands, and makes it live.
 *
 * Messages come first, then changes. A message is replayed in the state of `asOf` at least, so a change to a replayed
 * message is sent only when it is newer than that; a change to a message that the client had before, when it is newer
 * than `rev` was. Changes beyond the room's own revision are left out: they come live. `live` is set in the same turn in
 * which the positions were compared, so nothing falls into the seam and nothing comes twice.
 */
export class Replay {
  readonly membership: Membership;
  readonly #since: number;
  readonly #rev: number;
  /** Every replayed message has at least the state of this revision. */
  #asOf = Number.POSITIVE_INFINITY;
  #page: HistoryPage | undefined;

  constructor(membership: Membership) {
    this.membership = membership;
    this.#since = membership.seq;
    this.#rev = membership.rev;
  }

  /** Does a slice of the work. A promise rejects when the history cannot be read now; the next step tries again. */
  step(): Step {
    const member = this.membership;
    const { room } = member;
    if (member.left || member.live) return 'done';
    const page = this.#page;
    this.#page = undefined;
    if (member.seq < room.seq) {
      const blocks = page?.blocks ?? room.messagesAfter(member.seq);
      return blocks === undefined
        ? this.#fetch(room.fetchMessages(member.seq))
        : this.#messages(blocks, page?.asOf ?? room.rev);
    }
    if (member.rev < room.rev) {
      const blocks = page?.blocks ?? room.updatesAfter(member.rev);
      return blocks === undefined ? this.#fetch(room.fetchUpdates(member.rev)) : this.#updates(blocks, page?.to);
    }
    member.live = true;
    return 'done';
  }

  async #fetch(page: Promise<HistoryPage>): Promise<void> {
    this.#page = await page;
  }

  #messages(blocks: readonly Block[], asOf: number): Step {
    const member = this.membership;
    const fresh = blocks.flatMap((block) => after(block, member.seq, member.room.seq));
    const last = fresh.at(-1);
    if (last === undefined) return 'more';
    if (!member.sink.deliver(new Batch(member.room.cid, fresh))) return 'full';
    this.#asOf = Math.min(this.#asOf, asOf);
    // Changes to what was just replayed are looked for from the state that it had.
    member.rev = Math.min(member.rev, asOf);
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

  #wanted(block: Block, upTo: number): Block[] {
    const { rev } = this.membership;
    const wanted = (block.marks ?? []).map(
      (mark) => mark.rev > rev && mark.rev <= upTo && mark.rev > (mark.seq <= this.#since ? this.#rev : this.#asOf),
    );
    if (wanted.every(Boolean)) return [block];
    return wanted.flatMap((isWanted, index) => (isWanted ? [block.slice(index, index + 1)] : []));
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
