export interface BulkheadOptions {
  /** How many are under way together. */
  readonly atOnce: number;
  /** How many of one key are under way together; as many as of all when left out. */
  readonly atOnceOfOneKey?: number;
  /** How many of one key are under way or wait; more are refused. No bound when left out. */
  readonly ofOneKey?: number;
  /** How many are under way or wait; more are refused. No bound when left out. */
  readonly ofAll?: number;
  /**
   * How many of one key are under way or wait, as a part of what is free of `ofAll` (Choudhury and Hahne, 1998): whoever takes much
   * leaves room for the next. No bound when left out.
   */
  readonly shareOfFree?: number;
  /** The refusal. */
  readonly refusal?: () => Error;
}

/** Runs `work` when its turn comes, or rejects at once. */
export type Bulkhead = <T>(key: string, work: () => Promise<T>) => Promise<T>;

interface Held {
  underWay: number;
  readonly waiting: (() => void)[];
}

/**
 * Limits costly work, so that it does not take all of a resource that it shares with cheap work. Of what waits, the key with the least under way goes first, and of one key in
 * the order of arrival.
 */
export function createBulkhead(options: BulkheadOptions): Bulkhead {
  const { atOnce, atOnceOfOneKey = atOnce, ofOneKey = Infinity, ofAll = Infinity, refusal = full } = options;
  const { shareOfFree = Infinity } = options;
  const keys = new Map<string, Held>();
  let all = 0;
  let underWay = 0;

  function begin(): void {
    if (underWay >= atOnce) return;
    let first: Held | undefined;
    for (const held of keys.values()) {
      if (held.waiting.length === 0 || held.underWay >= atOnceOfOneKey) continue;
      if (first === undefined || held.underWay < first.underWay) first = held;
    }
    const next = first?.waiting.shift();
    if (first === undefined || next === undefined) return;
    first.underWay += 1;
    underWay += 1;
    next();
  }

  function end(key: string, held: Held): void {
    all -= 1;
    underWay -= 1;
    held.underWay -= 1;
    if (held.underWay === 0 && held.waiting.length === 0) keys.delete(key);
    begin();
  }

  return async (key, work) => {
    const held = keys.get(key) ?? { underWay: 0, waiting: [] };
    const own = held.underWay + held.waiting.length;
    if (all >= ofAll || own >= ofOneKey || (own > 0 && own >= (ofAll - all) * shareOfFree)) throw refusal();
    keys.set(key, held);
    all += 1;
    await new Promise<void>((resolve) => {
      held.waiting.push(resolve);
      begin();
    });
    try {
      return await work();
    } finally {
      end(key, held);
    }
  };
}

function full(): Error {
  return new Error('too much is under way or waits');
}
