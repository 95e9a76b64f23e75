/**
 * Keys in a Redis Cluster. All keys of a tenant have its id as hash tag, those of a network the network, so that what belongs
 * together is in one slot; a command over the keys of several is sent in parts, one a tag.
 */
import type { RedisClient } from './redis.ts';

/**
 * The answers of `ask`, in the order of `items`, which a cluster is asked in parts that are in one slot each, all at once; one
 * server is asked once. Rejects when a part does.
 */
export async function bySlot<T, R>(
  redis: Pick<RedisClient, 'isCluster'>,
  items: readonly T[],
  keyOf: (item: T) => string,
  ask: (items: readonly T[]) => Promise<readonly R[]>,
): Promise<R[]> {
  if (!redis.isCluster) return [...(await ask(items))];
  const parts = Map.groupBy(items.keys(), (n) => tagOf(keyOf(items[n] as T)));
  const answers: R[] = [];
  const each = async (places: readonly number[]) => {
    const found = await ask(places.map((n) => items[n] as T));
    for (const [n, place] of places.entries()) answers[place] = found[n] as R;
  };
  await Promise.all([...parts.values()].map(each));
  return answers;
}

/** What of a key says its slot. */
function tagOf(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key;
}
