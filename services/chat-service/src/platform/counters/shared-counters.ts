/**
 * Counters in Redis that processes share. They may be lost at any time, and a raise of which it is unknown whether it was
 * made is not repeated: a counter never says more than was counted, and may say less.
 */
import type { RedisClient } from '../redis/redis.ts';
import { bySlot } from '../redis/slots.ts';

export interface Raise {
  readonly key: string;
  readonly by: number;
  /** The counter is known to stand here at least, whatever became of it in Redis. */
  readonly atLeast: number;
}

export interface SharedCounters {
  /** Raises each and answers where it stands then. Rejects when Redis does not answer in time. */
  raise(raises: readonly Raise[]): Promise<readonly number[]>;
}

/** In one call at the most: Redis runs nothing else meanwhile. */
const RAISES_PER_CALL = 512;
/** A counter that nobody raises any more is forgotten. */
const KEPT_SECONDS = 40 * 24 * 3_600;

/** ARGV[1]: seconds to keep; then for each of KEYS by how much, and the least. */
const SCRIPT = `
local counts = {}
for i, key in ipairs(KEYS) do
  local count = math.max((tonumber(redis.call('get', key)) or 0) + tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1]))
  redis.call('set', key, string.format('%.0f', count), 'ex', ARGV[1])
  counts[i] = count
end
return counts`;

export function createSharedCounters(redis: RedisClient): SharedCounters {
  redis.defineCommand('messagecoreRaise', { lua: SCRIPT });
  const raise = Reflect.get(redis, 'messagecoreRaise') as (...args: (string | number)[]) => Promise<number[]>;
  function raiseAll(raises: readonly Raise[]): Promise<number[]> {
    const keys = raises.map(({ key }) => key);
    const args = raises.flatMap(({ by, atLeast }) => [by, atLeast]);
    return raise.call(redis, keys.length, ...keys, KEPT_SECONDS, ...args);
  }
  return {
    async raise(raises) {
      const counts: number[] = [];
      for (let start = 0; start < raises.length; start += RAISES_PER_CALL) {
        const part = raises.slice(start, start + RAISES_PER_CALL);
        counts.push(...(await bySlot(redis, part, ({ key }) => key, raiseAll)));
      }
      return counts;
    },
  };
}
