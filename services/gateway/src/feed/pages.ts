import { Block } from '../egress/block.ts';
import { gapReason } from '../egress/gap.ts';
import { readMessages, readUpdates } from './envelopes.ts';
import type { Upstream } from './ports.ts';
import type { Window } from './window.ts';

/** Messages in one page, and the grid on which pages start, so that sessions which miss about the same share them. */
const PAGE = 500;

/** A page of the history. */
export interface HistoryPage {
  /** Messages and gaps without a hole, or changes. May start before what was asked for. */
  readonly blocks: readonly Block[];
  /** The states are at least those of this revision, the room's own when the page was asked for. */
  readonly asOf: number;
  /** Everything up to this number is covered by the page, also where nothing is there. */
  readonly to: number;
}

interface PagesRoom {
  readonly tid: string;
  readonly cid: string;
  readonly seq: number;
  readonly rev: number;
  readonly first: number;
}

/**
 * Reads what the window does not hold any more. Sessions that need the same page at the same time share one request;
 * a page that ends where the window begins becomes part of it, so that the next ones find it there.
 */
export class Pages {
  readonly #room: PagesRoom;
  readonly #window: Window;
  readonly #upstream: Upstream;
  readonly #onGrowth: () => void;
  readonly #underWay = new Map<string, Promise<HistoryPage>>();

  constructor(room: PagesRoom, window: Window, { upstream, onGrowth }: { upstream: Upstream; onGrowth: () => void }) {
    this.#room = room;
    this.#window = window;
    this.#upstream = upstream;
    this.#onGrowth = onGrowth;
  }

  async messages(after: number): Promise<HistoryPage> {
    // On the grid, but never further back than the history goes.
    const from = Math.max(after - (after % PAGE) + 1, Math.min(this.#room.first, after + 1));
    const page = await this.#share('messages', from, () => this.#messages(from));
    // A page of long messages may end before what is needed.
    return page.to > after ? page : this.#share('messages', after + 1, () => this.#messages(after + 1));
  }

  updates(after: number): Promise<HistoryPage> {
    return this.#share('updates', after, () => this.#updates(after));
  }

  /** A page that was asked for before the last change may lack it: that one is not shared any more. */
  #share(of: 'messages' | 'updates', from: number, fetch: () => Promise<HistoryPage>): Promise<HistoryPage> {
    const key = `${of} ${from} ${this.#room.rev}`;
    const present = this.#underWay.get(key);
    if (present !== undefined) return present;
    const page = fetch().finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, page);
    return page;
  }

  async #messages(from: number): Promise<HistoryPage> {
    const { tid, cid, rev } = this.#room;
    const to = Math.min(from + PAGE - 1, Math.max(from, Math.min(this.#window.first - 1, this.#room.seq)));
    const stretches = readMessages(await this.#upstream.history({ tid, cid, from, to, limit: PAGE }));
    const blocks: Block[] = [];
    let next = from;
    for (const stretch of stretches) {
      if (stretch.first > next) blocks.push(this.#gap(next, stretch.first - 1));
      const block = Block.messages(cid, stretch.first, stretch.frames);
      blocks.push(block);
      next = block.last + 1;
    }
    if (stretches.length === 0) blocks.push(this.#gap(from, to));
    const page = { blocks, asOf: rev, to: blocks.at(-1)?.last ?? to };
    // A change that was sent meanwhile may be missing in the page: then the window must not take it.
    if (this.#room.rev === rev) this.#keep(page);
    return page;
  }

  #gap(from: number, to: number): Block {
    const { cid, first } = this.#room;
    return Block.gap(cid, from, to, gapReason(to, first));
  }

  #keep({ blocks }: HistoryPage): void {
    const [only] = blocks;
    if (only?.kind === 'message' && blocks.length === 1 && this.#window.prepend(only)) this.#onGrowth();
  }

  async #updates(after: number): Promise<HistoryPage> {
    const { tid, cid, rev } = this.#room;
    const updates = readUpdates(await this.#upstream.changes({ tid, cid, after, limit: PAGE }));
    const last = updates.at(-1)?.rev;
    if (last === undefined) return { blocks: [], asOf: rev, to: rev };
    const frames = updates.map(({ frame }) => frame);
    // Of a change the numbers alone: its frame is a view of the page, which would live as long.
    const marks = updates.map(({ rev: number, seq }) => ({ rev: number, seq }));
    return { blocks: [Block.updates(cid, frames, marks)], asOf: rev, to: last };
  }
}
