/**
 * Who of a tenant's users is there, in Redis. Kept in sorted sets whose scores are times, so that the latest report of any
 * gateway counts, whichever it is of: a user is there until the score in `here` is over, and active until that in `active` is.
 * What is no longer reported ends by itself; a set ends with the last report of its tenant.
 *
 * All keys of a tenant have its id as hash tag: each script has them in one slot of a cluster. Times are Redis' own. Everything
 * here may be lost, and is there again with the next reports, but for `seen`. Rejects with `unavailable` when Redis does not
 * answer in time.
 */
import { ChatError, LIMITS } from '@messagecore/protocol';
import { PRESENCE_EVERY_MS, PRESENCE_USERS } from '@messagecore/protocol/bus';
import type { RedisClient } from '../redis/redis.ts';

export type Activity = 'active' | 'away' | 'gone';

export interface UserActivity {
  readonly activity: Activity;
  /** When the user was last reported; null where that is not known. */
  readonly seenAt: number | null;
}

/** Together `PRESENCE_USERS` at most, nobody twice. */
export interface PresenceReport {
  readonly active: readonly string[];
  readonly away: readonly string[];
  readonly gone: readonly string[];
}

export interface ActivityPage {
  readonly users: readonly string[];
  /** Of all who are there. */
  readonly count: number;
}

export interface PresenceStore {
  /**
   * Notes the report, and tells of the users whose activity is another one now, by the report or because their time is over.
   * Of the latter nobody is left out, even when Redis fails meanwhile: some may be told of again.
   */
  report(tid: string, report: PresenceReport, tell: (users: readonly string[]) => void): Promise<void>;
  /** In the order asked. */
  activities(tid: string, uids: readonly string[]): Promise<readonly UserActivity[]>;
  /** Who of these has a session now, in the order asked; those too who do not show it. */
  onlineAmong(tid: string, uids: readonly string[]): Promise<readonly string[]>;
  /** So many of those who are there, by id. */
  page(tid: string, after: string | undefined, limit: number): Promise<ActivityPage>;
  forget(tid: string, uid: string): Promise<void>;
}

export interface PresenceTiming {
  /**
   * How long a report counts. Two may be lost: the third comes in time. With the time until somebody looks, the next report of
   * any gateway, it stays below `LIMITS.presenceMs`.
   */
  readonly countsForMs: number;
  /** How long it counts when the user has gone, or is no longer active. Another gateway's next report comes before that. */
  readonly graceMs: number;
}

const TIMING: PresenceTiming = { countsForMs: 18_000, graceMs: PRESENCE_EVERY_MS + 3_000 };
/** For so long it is known when a user was last there. */
const SEEN_DAYS = 90;
const SEEN_MS = SEEN_DAYS * 24 * 3_600_000;
/** Of those whose time is over, in one call: Redis runs nothing else meanwhile. */
const AT_ONCE = 1_000;

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * KEYS: here, active, ids, seen. ARGV: how long reports count, the grace, how long `seen` is kept, the number of active and
 * of away users, then the active, away and gone ones. Answers the users who changed.
 */
const REPORT = `${NOW}
local counts, grace, kept = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local actives, aways = tonumber(ARGV[4]), tonumber(ARGV[5])
local changed = {}
local function put(key, scores)
  if #scores > 0 then redis.call('ZADD', key, unpack(scores)) end
end
local uids = {unpack(ARGV, 6)}
local heres = redis.call('ZMSCORE', KEYS[1], unpack(uids))
local activities = redis.call('ZMSCORE', KEYS[2], unpack(uids))
local here, active, ids, seen = {}, {}, {}, {}
local function add(list, score, uid)
  list[#list + 1] = score
  list[#list + 1] = uid
end
for i, uid in ipairs(uids) do
  local untilHere, untilActive = tonumber(heres[i] or 0), tonumber(activities[i] or 0)
  local wasHere, wasActive = untilHere > now, untilHere > now and untilActive > now
  if i <= actives then
    add(here, now + counts, uid)
    add(active, now + counts, uid)
    if not wasActive then changed[#changed + 1] = uid end
  elseif i <= actives + aways then
    add(here, now + counts, uid)
    if untilActive > now + grace then add(active, now + grace, uid) end
    if not wasHere then changed[#changed + 1] = uid end
  else
    if untilHere > now + grace then add(here, now + grace, uid) end
    if untilActive > now + grace then add(active, now + grace, uid) end
  end
  if not wasHere and i <= actives + aways then add(ids, 0, uid) end
  if wasHere or i <= actives + aways then add(seen, now, uid) end
end
put(KEYS[1], here)
put(KEYS[2], active)
put(KEYS[3], ids)
put(KEYS[4], seen)
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ${LIMITS.presenceMs}) end
redis.call('PEXPIRE', KEYS[4], kept)
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - kept)
return changed
`;

/** KEYS: here, active. ARGV: how many. Answers so many of those whose time is over: who has gone, and who is no longer active. */
const ENDED = `${NOW}
local function ended(key) return redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, ARGV[1]) end
return {ended(KEYS[1]), ended(KEYS[2])}
`;

/** KEYS: here, active, ids. ARGV: users. Takes away those whose time is over still. */
const REMOVE = `${NOW}
local function remove(key, uids)
  if #uids > 0 then redis.call('ZREM', key, unpack(uids)) end
end
local heres = redis.call('ZMSCORE', KEYS[1], unpack(ARGV))
local actives = redis.call('ZMSCORE', KEYS[2], unpack(ARGV))
local gone, idle = {}, {}
for i, uid in ipairs(ARGV) do
  if heres[i] and tonumber(heres[i]) <= now then gone[#gone + 1] = uid end
  if actives[i] and tonumber(actives[i]) <= now then idle[#idle + 1] = uid end
end
remove(KEYS[1], gone)
remove(KEYS[2], idle)
remove(KEYS[3], gone)
`;

/** KEYS: here, active, seen. ARGV: users. Answers for each 2, 1 or 0, and when it was last seen, as two lists. */
const ACTIVITIES = `${NOW}
local heres = redis.call('ZMSCORE', KEYS[1], unpack(ARGV))
local actives = redis.call('ZMSCORE', KEYS[2], unpack(ARGV))
local activities = {}
for i = 1, #ARGV do
  local here, active = tonumber(heres[i] or 0) > now, tonumber(actives[i] or 0) > now
  activities[i] = here and (active and 2 or 1) or 0
end
return {activities, redis.call('ZMSCORE', KEYS[3], unpack(ARGV))}
`;

/** KEYS: here, ids. ARGV: where the page begins, and its size. Answers how many are there, then the users. */
const PAGE = `${NOW}
local count = redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf')
return {tostring(count), unpack(redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], '+', 'LIMIT', 0, ARGV[2]))}
`;

type Keys = readonly string[];
type Arguments = readonly (string | number)[];

export function createPresenceStore(redis: RedisClient, timing: PresenceTiming = TIMING): PresenceStore {
  function command<R>(name: string, lua: string) {
    redis.defineCommand(name, { lua });
    const run = Reflect.get(redis, name) as (...args: (string | number)[]) => Promise<R>;
    return (keys: Keys, args: Arguments) => run.call(redis, keys.length, ...keys, ...args).catch(unavailable);
  }
  const note = command<string[]>('messagecorePresent', REPORT);
  const findEnded = command<[string[], string[]]>('messagecorePresentEnded', ENDED);
  const remove = command<null>('messagecorePresentRemove', REMOVE);
  const read = command<[number[], (string | null)[]]>('messagecorePresence', ACTIVITIES);
  const list = command<string[]>('messagecorePresentPage', PAGE);

  async function activities(tid: string, uids: readonly string[]): Promise<UserActivity[]> {
    const { here, active, seen } = keysOf(tid);
    const parts = Array.from({ length: Math.ceil(uids.length / PRESENCE_USERS) }, (_, n) =>
      read([here, active, seen], uids.slice(n * PRESENCE_USERS, (n + 1) * PRESENCE_USERS)),
    );
    return (await Promise.all(parts)).flatMap(([found, times]) =>
      found.map((activity, n) => ({ activity: ACTIVITY[activity] ?? 'gone', seenAt: numberOf(times[n]) })),
    );
  }

  return {
    activities,
    async report(tid, { active, away, gone }, tell) {
      const { here, active: actives, ids, seen } = keysOf(tid);
      const users = [...active, ...away, ...gone];
      if (users.length > 0) {
        const counts = [timing.countsForMs, timing.graceMs, SEEN_MS, active.length, away.length];
        tell(await note([here, actives, ids, seen], [...counts, ...users]));
      }
      for (let isMore = true; isMore;) {
        const [left, idle] = await findEnded([here, actives], [AT_ONCE]);
        const ended = [...new Set([...left, ...idle])];
        tell(ended);
        if (ended.length > 0) await remove([here, actives, ids], ended);
        isMore = Math.max(left.length, idle.length) === AT_ONCE;
      }
    },
    async onlineAmong(tid, uids) {
      const found = await activities(tid, uids);
      return uids.filter((_, n) => found[n]?.activity !== 'gone');
    },
    async page(tid, after, limit) {
      const { here, ids } = keysOf(tid);
      const [count = '0', ...users] = await list([here, ids], [after === undefined ? '-' : `(${after}`, limit]);
      return { users, count: Number(count) };
    },
    async forget(tid, uid) {
      await Promise.all(Object.values(keysOf(tid)).map((key) => redis.zrem(key, uid))).catch(unavailable);
    },
  };
}

function unavailable(cause: unknown): never {
  throw new ChatError('unavailable', 'who is there is not known right now', { cause });
}

const ACTIVITY = ['gone', 'away', 'active'] as const;

const numberOf = (score: string | null | undefined) => (score === null || score === undefined ? null : Number(score));

function keysOf(tid: string) {
  const key = (name: string) => `presence:{${tid}}:${name}`;
  return { here: key('here'), active: key('active'), ids: key('ids'), seen: key('seen') };
}
