import type { RedisClient } from '../redis/redis.ts';
import { bySlot } from '../redis/slots.ts';
import type { Spending, Tally } from './synced-buckets.ts';

/** Buckets in one script call at the most: Redis runs nothing else meanwhile. */
const MAX_BUCKETS_PER_CALL = 1_024;

/**
 * The buckets of redis-buckets.ts under the same keys: of each of KEYS, ARGV has what was taken and since when, in milliseconds.
 * Answers in how many microseconds each is full. Nothing is kept of a full one.
 */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local fullAt = redis.call('MGET', unpack(KEYS))
local answers = {}
for i, key in ipairs(KEYS) do
  local before = fullAt[i] and tonumber(fullAt[i]) or 0
  local at = math.max(before, now - ARGV[2 * i]) + ARGV[2 * i - 1]
  if at > now then
    redis.call('SET', key, string.format('%.3f', at), 'PX', math.ceil(at - now) + 1)
  elseif before > 0 then
    redis.call('DEL', key)
  end
  answers[i] = math.ceil(math.max(0, at - now) * 1000)
end
return answers
`;

interface Commands {
  addSpendings(keys: number, ...keysAndSpendings: string[]): Promise<number[]>;
}

/** Fails when Redis does. */
export function createRedisTally(redis: RedisClient): Tally {
  redis.defineCommand('addSpendings', { lua: SCRIPT });
  const commands = redis as unknown as Commands;
  const add = (part: readonly Spending[]) => commands.addSpendings(part.length, ...keysOf(part), ...amountsOf(part));
  return {
    async add(spendings) {
      const answers: number[] = [];
      for (let start = 0; start < spendings.length; start += MAX_BUCKETS_PER_CALL) {
        const part = spendings.slice(start, start + MAX_BUCKETS_PER_CALL);
        for (const us of await bySlot(redis, part, ({ key }) => key, add)) answers.push(us / 1_000);
      }
      return answers;
    },
  };
}

const keysOf = (spendings: readonly Spending[]) => spendings.map(({ key }) => key);
const amountsOf = (spendings: readonly Spending[]) =>
  spendings.flatMap(({ ms, ageMs }) => [ms.toFixed(3), ageMs.toFixed(3)]);
