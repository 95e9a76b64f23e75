import type { Clock, Timer } from '@messagecore/kernel';
import type { RpcError } from '@messagecore/protocol/bus';

/** Of one position at most one report is under way, and none follows sooner than this after the last one began. */
const EVERY_MS = 250;
/**
 * Up to so much later, for each another time: many who read the same message begin together, and would go on reporting at
 * the same moments, in which everything else waits.
 */
const SPREAD_MS = 250;
/** Multiples of it, taken without their whole part, are spread evenly however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

interface PositionReport {
  readonly pos: number;
}

/** What came while a report was under way, or soon after it: one report of the furthest position. */
interface Pending<Item, Answer> {
  item: Item;
  readonly answer: Promise<Answer>;
  readonly settle: (answer: Answer) => void;
}

interface ReportState<Item, Answer> {
  pending: Pending<Item, Answer> | undefined;
  underWay: boolean;
  /** Until it fires, nothing is sent for the key. */
  timer: Timer | undefined;
}

/**
 * Reports of positions that only move forward, such as how far a user has read. The first report of a key is sent at
 * once. Of those that follow within `EVERY_MS` and a little only the furthest is sent, when the time is over; all of them
 * get its answer. So a client that reports each message by itself, or a hundred times a second, costs a few writes a second.
 */
export class Reports<Item extends PositionReport, Result extends object> {
  readonly #clock: Clock;
  readonly #send: (item: Item) => Promise<Result | RpcError>;
  #begun = 0;
  readonly #states = new Map<string, ReportState<Item, Result | RpcError>>();

  constructor(clock: Clock, send: (item: Item) => Promise<Result | RpcError>) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Keys with a report under way or lately. */
  get size(): number {
    return this.#states.size;
  }

  /** `key` names the position that is reported. */
  call(key: string, item: Item): Promise<Result | RpcError> {
    const place = this.#states.get(key);
    if (place === undefined) {
      const opened = { pending: undefined, underWay: false, timer: undefined };
      this.#states.set(key, opened);
      return this.#start(key, opened, item);
    }
    const { pending } = place;
    if (pending !== undefined) {
      if (item.pos > pending.item.pos) pending.item = item;
      return pending.answer;
    }
    const { promise: answer, resolve: settle } = Promise.withResolvers<Result | RpcError>();
    place.pending = { item, answer, settle };
    return answer;
  }

  /** Sends at once what waits for its moment. */
  flush(): void {
    for (const [key, place] of this.#states) {
      place.timer?.cancel();
      place.timer = undefined;
      this.#next(key, place);
    }
  }

  async #start(key: string, place: ReportState<Item, Result | RpcError>, item: Item): Promise<Result | RpcError> {
    place.underWay = true;
    place.timer = this.#clock.setTimeout(() => {
      place.timer = undefined;
      this.#next(key, place);
    }, this.#pause());
    const answer = await this.#send(item);
    place.underWay = false;
    this.#next(key, place);
    return answer;
  }

  #pause(): number {
    const share = (this.#begun * GOLDEN) % 1;
    this.#begun += 1;
    return EVERY_MS + Math.floor(share * SPREAD_MS);
  }

  #next(key: string, place: ReportState<Item, Result | RpcError>): void {
    if (place.underWay || place.timer !== undefined) return;
    const { pending } = place;
    place.pending = undefined;
    if (pending === undefined) this.#states.delete(key);
    else void this.#start(key, place, pending.item).then(pending.settle);
  }
}
