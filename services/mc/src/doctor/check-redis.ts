import { createRedis } from '@messagecore/chat-service/operator';
import type { Installation } from '../config.ts';
import { messageOf } from '../output/errors.ts';
import { placeOf } from '../output/place.ts';
import { fault, type Finding, warning, well } from './finding.ts';

const ABOUT = 'Redis';
const COMMAND_MS = 3_000;

type Redis = ReturnType<typeof createRedis>;

export async function checkRedis({
  redisUrl: url,
  redisCluster: cluster,
}: Pick<Installation, 'redisUrl' | 'redisCluster'>): Promise<readonly Finding[]> {
  if (url === undefined) return [];
  let last: unknown;
  const redis = createRedis({ urls: url, cluster, commandTimeoutMs: COMMAND_MS }, (error) => (last = error));
  try {
    await redis.connect();
    return await look(redis);
  } catch (error) {
    return [unreached(last ?? error, url)];
  } finally {
    redis.disconnect();
  }
}

function unreached(error: unknown, url: string): Finding {
  const said = messageOf(error);
  if (/NOAUTH|WRONGPASS|NOPERM/.test(said)) {
    return fault(ABOUT, 'redis-access', `${placeOf(url)} refuses the password`, 'put the right one into REDIS_URL');
  }
  const cure = 'start it; compare host and port with REDIS_URL; meanwhile each process counts limits for itself';
  return fault(ABOUT, 'redis-unreachable', `${placeOf(url)} does not answer (${said})`, cure);
}

async function look(redis: Redis): Promise<readonly Finding[]> {
  const info = fieldsOf(await redis.info());
  const refused = await redis.set('messagecore:health', 1, 'PX', 1_000).then(
    () => undefined,
    (error: unknown) => messageOf(error),
  );
  const findings = [well(ABOUT, `${info.get('redis_version') ?? '?'} answers`)];
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    const what = `maxmemory-policy is ${policy}: rates, quotas and who is there may be dropped at any time`;
    const cure = 'set maxmemory-policy noeviction, and maxmemory to what is needed';
    findings.push(warning(ABOUT, 'redis-eviction', what, cure));
  }
  if (refused !== undefined) findings.push(refusalOf(refused, info));
  return findings;
}

function refusalOf(refused: string, info: ReadonlyMap<string, string>): Finding {
  if (refused.startsWith('OOM')) {
    const what = `its memory is full (${info.get('used_memory_human')} of ${info.get('maxmemory_human')})`;
    return fault(ABOUT, 'redis-full', what, 'raise maxmemory, and look for who else writes into it');
  }
  if (refused.startsWith('READONLY')) {
    return fault(ABOUT, 'redis-read-only', 'it is a replica', 'name the primary in REDIS_URL, several with commas');
  }
  return fault(ABOUT, 'redis-writes', `takes no writes: ${refused}`, "look at the server's log");
}

/** The lines `name:value` of `INFO`. */
function fieldsOf(info: string): ReadonlyMap<string, string> {
  return new Map([...info.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]));
}
