/** What is kept of a tenant outside of the database, and how it is deleted with the tenant. */
import { type Bus, purgeStream } from '@messagecore/bus';
import { subjects } from '@messagecore/protocol/bus';
import { Cluster, type Redis } from 'ioredis';
import type { Trace } from '../core/tenants/delete-tenant.saga.ts';
import type { BlobStore } from '../platform/blobs/blob-store.ts';
import type { RedisClient } from '../platform/redis/redis.ts';

export interface TraceDeps {
  readonly blobs: BlobStore | undefined;
  readonly bus: Pick<Bus, 'request'>;
  readonly redis: RedisClient;
}

export function tenantTraces({ blobs, bus, redis }: TraceDeps): readonly Trace[] {
  const files = blobs && { name: 'files', erase: (tid: string) => blobs.deleteSome(tid) };
  return [
    ...(files === undefined ? [] : [files]),
    { name: 'stream', erase: (tid) => purgeStream(bus, subjects.ofConversations(tid)) },
    { name: 'keys of Redis', erase: (tid) => unlinkEverywhere(redis, `*${tid}*`) },
  ];
}

/** Keys that Redis looks at in one command: some milliseconds. */
const LOOK = 1_000;

async function unlinkEverywhere(redis: RedisClient, pattern: string): Promise<number> {
  const servers = redis instanceof Cluster ? redis.nodes('master') : [redis];
  const counts = await Promise.all(servers.map((server) => unlinkKeys(server, pattern)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** In a cluster all keys of a tenant are in one slot. */
async function unlinkKeys(redis: Redis, pattern: string): Promise<number> {
  let count = 0;
  for (let cursor = '0'; ;) {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', LOOK);
    if (keys.length > 0) count += await redis.unlink(...keys);
    if (next === '0') return count;
    cursor = next;
  }
}
