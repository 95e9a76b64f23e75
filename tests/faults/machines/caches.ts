/** Redis and a Sentinel on each of three machines, started by the script of deploy/k8s/examples/data. */
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { childEnvironment } from '../../../deploy/dev/config.ts';
import { K8S } from '../../../deploy/k8s/render.ts';
import type { Program } from './machine.ts';
import type { Tools } from './tools.ts';

export const CACHES = ['redis-0', 'redis-1', 'redis-2'] as const;
const PASSWORD = 'cache';
const REPLICAS = CACHES.length - 1;

/** As the script has them call one another. */
export const cacheName = (machine: string): string => `${machine}.redis`;

export const redisUrl = CACHES.map((machine) => `redis://:${PASSWORD}@${cacheName(machine)}:6379`).join(',');

export async function cachePrograms(machine: string, dir: string, tools: Tools): Promise<Program[]> {
  // Redis is a Sentinel when it is called by that name.
  const bin = join(dir, machine, 'bin');
  await mkdir(bin, { recursive: true });
  await symlink(tools.redis.path, join(bin, 'redis-sentinel'));
  const base = childEnvironment({});
  const path = [bin, dirname(tools.redis.path), base['PATH']].join(':');
  const env = { ...base, ...tools.redis.env, PATH: path, REDIS_PASSWORD: PASSWORD };
  const script = await readFile(join(K8S, 'examples/data/redis/start.sh'), 'utf8');
  const programs = ['redis', 'sentinel'].map(async (what): Promise<Program> => {
    const own = join(dir, machine, what);
    const file = join(own, 'start.sh');
    await mkdir(own, { recursive: true });
    // On a machine of its own it would have its name and its /tmp.
    await writeFile(file, script.replaceAll('$(hostname)', machine).replaceAll('/tmp', own));
    await chmod(file, 0o755);
    return { command: ['sh', file, what], env, dir: own };
  });
  return Promise.all(programs);
}

export function isCachePrimary(machine: string): Promise<boolean> {
  return asking(machine, 6379, async (redis) => (await redis.info('replication')).includes('role:master'));
}

/** A primary with all its replicas, or a replica that has everything; and a Sentinel that knows the others. */
export async function isCacheWhole(machine: string): Promise<boolean> {
  const isFollowed = await asking(machine, 6379, async (redis) => {
    const report = await redis.info('replication');
    return report.includes(`connected_slaves:${REPLICAS}`) || report.includes('master_link_status:up');
  });
  const isAgreed = await asking(machine, 26_379, async (sentinel) => {
    const [quorum, replicas] = [
      String(await sentinel.call('SENTINEL', 'CKQUORUM', 'messagecore')),
      (await sentinel.call('SENTINEL', 'REPLICAS', 'messagecore')) as unknown[],
    ];
    return quorum.startsWith(`OK ${CACHES.length}`) && replicas.length === REPLICAS;
  });
  return isFollowed && isAgreed;
}

/** False when it does not answer. */
async function asking(machine: string, port: number, ask: (redis: Redis) => Promise<boolean>): Promise<boolean> {
  const options = { lazyConnect: true, connectTimeout: 2_000, commandTimeout: 2_000, retryStrategy: () => null };
  const password = port === 6379 ? { password: PASSWORD } : {};
  const redis = new Redis({ ...options, ...password, host: cacheName(machine), port });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await ask(redis);
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}
