import { gcra } from '@messagecore/kernel';
import type { Bucket, Buckets, Demand, Taken } from './buckets.ts';
import type { RedisClient } from '../redis/redis.ts';
import { bySlot } from '../redis/slots.ts';

/** Demands in one script call at the most: Redis runs nothing else meanwhile. */
const MAX_DEMANDS_PER_CALL = 1_024;

/**
 * The same arithmetic as `gcra` of the kernel for a whole batch, on Redis' own clock. ARGV[1] is JSON: `buckets[i] = [interval ms,
 * burst]` of KEYS[i], `demands` lists of an index into them and the tokens wished for, one after the other. Answers the wait
 * and the tokens left of each demand, one after the other.
 */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local plan = cjson.decode(ARGV[1])
local fullAt = redis.call('MGET', unpack(KEYS))
for i = 1, #KEYS do
  fullAt[i] = math.max(fullAt[i] and tonumber(fullAt[i]) or 0, now)
end
local spent, answers = {}, {}
for d, demand in ipairs(plan.demands) do
  local longest = 0
  for n = 1, #demand, 2 do
    local i = demand[n]
    local bucket = plan.buckets[i]
    longest = math.max(longest, fullAt[i] + bucket[1] * (math.min(demand[n + 1], bucket[2]) - bucket[2]) - now)
  end
  if longest <= 0 then
    for n = 1, #demand, 2 do
      local i = demand[n]
      fullAt[i] = fullAt[i] + plan.buckets[i][1] * demand[n + 1]
      spent[i] = true
    end
  end
  local left = 2 ^ 53
  for n = 1, #demand, 2 do
    local bucket = plan.buckets[demand[n]]
    left = math.min(left, bucket[2] - math.max(0, fullAt[demand[n]] - now - 0.002) / bucket[1])
  end
  answers[2 * d - 1] = math.ceil(longest)
  answers[2 * d] = math.max(0, math.floor(left))
end
for i in pairs(spent) do
  redis.call('SET', KEYS[i], string.format('%.3f', fullAt[i]), 'PX', math.ceil(fullAt[i] - now) + 1)
end
return answers
`;

/** Tokens back to each of KEYS, which may repeat: ARGV has the milliseconds they stand for. Nothing is kept of a full bucket. */
const GIVE_BACK = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
for i, key in ipairs(KEYS) do
  local fullAt = tonumber(redis.call('GET', key) or 0) - ARGV[i]
  if fullAt > now then
    redis.call('SET', key, string.format('%.3f', fullAt), 'PX', math.ceil(fullAt - now) + 1)
  else
    redis.call('DEL', key)
  end
end
`;

interface Commands {
  takeTokens(keys: number, ...keysAndPlan: string[]): Promise<number[]>;
  giveTokensBack(keys: number, ...keysAndIntervals: string[]): Promise<null>;
}

/** Buckets shared by all processes of the deployment: one script call a batch. The buckets of a demand are in one slot. Fails when Redis does. */
export function createRedisBuckets(redis: RedisClient): Buckets {
  redis.defineCommand('takeTokens', { lua: SCRIPT });
  redis.defineCommand('giveTokensBack', { lua: GIVE_BACK });
  const commands = redis as unknown as Commands;

  async function take(demands: readonly Demand[]): Promise<Taken[]> {
    const { keys, plan } = planOf(demands);
    const answers = await commands.takeTokens(keys.length, ...keys, plan);
    return demands.map((_, n) => ({ waitMs: answers[2 * n] ?? 0, left: answers[2 * n + 1] ?? 0 }));
  }

  async function giveBack(buckets: readonly Bucket[]): Promise<[]> {
    const intervals = buckets.map(({ rate, cost = 1 }) => String(gcra.interval(rate) * cost));
    await commands.giveTokensBack(buckets.length, ...buckets.map(({ key }) => key), ...intervals);
    return [];
  }

  return {
    async take(demands) {
      const taken: Taken[] = [];
      for (let start = 0; start < demands.length; start += MAX_DEMANDS_PER_CALL) {
        const part = demands.slice(start, start + MAX_DEMANDS_PER_CALL);
        taken.push(...(await bySlot(redis, part, ([first]) => first?.key ?? '', take)));
      }
      return taken;
    },
    async giveBack(buckets) {
      for (let start = 0; start < buckets.length; start += MAX_DEMANDS_PER_CALL) {
        await bySlot(redis, buckets.slice(start, start + MAX_DEMANDS_PER_CALL), ({ key }) => key, giveBack);
      }
    },
  };
}

function planOf(demands: readonly Demand[]): { keys: string[]; plan: string } {
  const indexes = new Map<string, number>();
  const buckets: [number, number][] = [];
  const indexOf = ({ key, rate }: Bucket) => {
    const known = indexes.get(key);
    if (known !== undefined) return known;
    buckets.push([gcra.interval(rate), rate.burst]);
    indexes.set(key, buckets.length);
    return buckets.length;
  };
  const plan = JSON.stringify({
    demands: demands.map((demand) => demand.flatMap((bucket) => [indexOf(bucket), bucket.cost ?? 1])),
    buckets,
  });
  return { keys: [...indexes.keys()], plan };
}
