import { Block } from '../egress/block.ts';

/** Approximate memory of an entry of `#latest`. */
const LATEST_BYTES = 48;

/**
 * The recent part of a room's log, kept in memory so that a wave of reconnecting sessions is served without a request.
 *
 * Messages are kept in their latest state, `first … last` without a hole; of several changes of one message the last alone
 * is read, as what a recall or an edit has taken back must not come again. Both lose their oldest part first. Invariant:
 * whoever reads messages up to `last` and then the changes after the revision that he started from has the state of
 * everything sent so far.
 */
export class Window {
  #messages: Block[] = [];
  #updates: Block[] = [];
  /** Revision of the last change of each message that was changed here. */
  #latest = new Map<number, number>();
  #bytes = 0;
  #last = 0;
  #lastRev = 0;
  readonly #onGrowth: () => void;

  /** `onGrowth` hears of blocks that have grown since they were added: the first reader of MessagePack makes them. */
  constructor(onGrowth: () => void = () => {}) {
    this.#onGrowth = onGrowth;
  }

  /** Memory that is kept alive, about: both encodings of the frames, and what keeps them in order. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of the oldest message here; `last + 1` when there is none. */
  get first(): number {
    return this.#messages[0]?.first ?? this.#last + 1;
  }

  /** Revision after which changes are here; the last one when there is none. */
  get afterRev(): number {
    const oldest = this.#updates[0];
    return oldest === undefined ? this.#lastRev : oldest.first - 1;
  }

  /** Forgets everything and stands at a position. */
  reset(last: number, lastRev: number): void {
    for (const block of [...this.#messages, ...this.#updates]) this.#release(block);
    this.#messages = [];
    this.#updates = [];
    this.#latest.clear();
    this.#last = last;
    this.#lastRev = lastRev;
  }

  append(block: Block): void {
    if (block.kind === 'update') {
      this.#appendUpdates(block);
      return;
    }
    // Across a gap the messages would not be dense: the window starts again after it.
    if (block.kind === 'gap' || block.first !== this.#last + 1) this.#dropMessages();
    if (block.kind === 'message') this.#add(this.#messages, block);
    this.#last = block.last;
  }

  /** Adds older messages that end right before `first`. False when they do not. */
  prepend(block: Block): boolean {
    if (block.last !== this.first - 1) return false;
    this.#messages.unshift(block);
    this.#hold(block);
    return true;
  }

  /** Messages after `seq`, up to about `maxBytes`; undefined when some of them are older than what is here. */
  messagesAfter(seq: number, maxBytes: number): Block[] | undefined {
    if (seq + 1 < this.first) return undefined;
    return collect(this.#messages, seq, maxBytes, (block) => [
      block.slice(Math.max(0, seq + 1 - block.first), block.count),
    ]);
  }

  /**
   * Final states after `rev`, up to about `maxBytes`; undefined when some of them are older than what is here. Never
   * empty while there are changes after `rev`, as the last change is always a final state.
   */
  updatesAfter(rev: number, maxBytes: number): Block[] | undefined {
    if (rev < this.afterRev) return undefined;
    return collect(this.#updates, rev, maxBytes, (block) => this.#final(block, rev));
  }

  /** What of a block comes after `rev` and was not replaced since. */
  #final(block: Block, rev: number): Block[] {
    const wanted = (block.marks ?? []).map((mark) => mark.rev > rev && this.#latest.get(mark.seq) === mark.rev);
    if (wanted.every(Boolean)) return [block];
    return wanted.flatMap((isWanted, index) => (isWanted ? [block.slice(index, index + 1)] : []));
  }

  /** Drops the oldest blocks until at most `maxBytes` are held. */
  shrink(maxBytes: number): void {
    let messages = 0;
    let updates = 0;
    while (this.#bytes > maxBytes) {
      // The larger of the two gives way.
      const fromUpdates = this.#updates.length - updates > this.#messages.length - messages;
      const block = fromUpdates ? this.#updates[updates++] : this.#messages[messages++];
      if (block === undefined) break;
      this.#release(block);
    }
    if (messages > 0) this.#messages = this.#messages.slice(messages);
    if (updates > 0) this.#dropUpdates(updates);
  }

  #appendUpdates(block: Block): void {
    this.#add(this.#updates, block);
    this.#lastRev = block.last;
    for (const [index, mark] of (block.marks ?? []).entries()) {
      this.#latest.set(mark.seq, mark.rev);
      this.#patch(mark.seq, block.json(index));
    }
  }

  /** The oldest ones, which are released already. */
  #dropUpdates(count: number): void {
    this.#updates = this.#updates.slice(count);
    for (const [seq, rev] of this.#latest) if (rev <= this.afterRev) this.#latest.delete(seq);
  }

  /** Replaces a message that is here by its new state. */
  #patch(seq: number, update: Buffer): void {
    if (seq < this.first || seq > this.#last) return;
    const place = firstEndingAt(this.#messages, seq);
    const old = this.#messages[place];
    if (old === undefined) return;
    const at = seq - old.first;
    const parts = [
      ...(at > 0 ? [compact(old.slice(0, at))] : []),
      Block.messages(old.cid, seq, [asMessage(update)]),
      ...(at + 1 < old.count ? [compact(old.slice(at + 1, old.count))] : []),
    ];
    this.#messages.splice(place, 1, ...parts);
    this.#release(old);
    for (const part of parts) this.#hold(part);
  }

  #add(blocks: Block[], block: Block): void {
    blocks.push(block);
    this.#hold(block);
  }

  #dropMessages(): void {
    for (const block of this.#messages) this.#release(block);
    this.#messages = [];
  }

  #hold(block: Block): void {
    this.#bytes += memoryOf(block);
    block.watchGrowth((bytes) => {
      this.#bytes += bytes;
      this.#onGrowth();
    });
  }

  #release(block: Block): void {
    block.watchGrowth(undefined);
    this.#bytes -= memoryOf(block);
  }
}

function memoryOf(block: Block): number {
  return block.memoryBytes + (block.marks?.length ?? 0) * LATEST_BYTES;
}

/** A slice keeps the memory of its block alive: one that is much smaller gets memory of its own. */
function compact(slice: Block): Block {
  return slice.isWasteful ? slice.copy() : slice;
}

/** Index of the first block that ends at or after `number`. */
function firstEndingAt(blocks: readonly Block[], number: number): number {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((blocks[middle]?.last ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is wanted of the blocks after `number`, until it is about so much; not empty if anything is wanted. */
function collect(
  blocks: readonly Block[],
  number: number,
  maxBytes: number,
  wantedOf: (block: Block) => readonly Block[],
): Block[] {
  const result: Block[] = [];
  let bytes = 0;
  for (let index = firstEndingAt(blocks, number + 1); index < blocks.length && bytes < maxBytes; index += 1) {
    for (const part of wantedOf(blocks[index] as Block)) {
      result.push(part);
      bytes += part.byteLength;
    }
  }
  return result;
}

const UPDATE_START = Buffer.from('{"t":"update"');
const MESSAGE_START = Buffer.from('{"t":"message"');

/** An update frame carries the message's whole new state: as a message frame it differs in its type alone. */
function asMessage(update: Buffer): Buffer {
  if (update.subarray(0, UPDATE_START.length).equals(UPDATE_START)) {
    return Buffer.concat([MESSAGE_START, update.subarray(UPDATE_START.length)]);
  }
  return Buffer.from(JSON.stringify({ ...(JSON.parse(update.toString()) as object), t: 'message' }));
}
