import { join } from 'node:path';
import { startRedis, waitUntil } from '@messagecore/dev-servers';
import { Redis } from 'ioredis';

const SERVERS = [0, 1, 2];
const SLOTS = 16_384;

export interface RedisCluster {
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

/** A Redis Cluster of three servers, which have agreed on who has which slots. */
export async function startRedisCluster(dir: string): Promise<RedisCluster> {
  const start = (n: number) => startRedis({ dataDir: join(dir, `${n}`), cluster: true, log: () => {} });
  const servers = await Promise.all(SERVERS.map(start));
  const nodes = servers.map(({ port }) => new Redis(port, '127.0.0.1'));
  try {
    for (const [n, node] of nodes.entries()) {
      const [from, to] = [n, n + 1].map((part) => Math.floor((part * SLOTS) / nodes.length)) as [number, number];
      await node.call('CLUSTER', 'ADDSLOTSRANGE', from, to - 1);
      await node.call('CLUSTER', 'MEET', '127.0.0.1', String(servers[0]?.port));
    }
    const isWell = async (node: Redis) => {
      const info = String(await node.call('CLUSTER', 'INFO'));
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`);
    };
    await waitUntil('the cluster to agree', async () => (await Promise.all(nodes.map(isWell))).every(Boolean));
  } finally {
    for (const node of nodes) node.disconnect();
  }
  return {
    urls: servers.map(({ url }) => url),
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
  };
}
