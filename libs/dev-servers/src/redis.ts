import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { REDIS } from './acquire/program.ts';
import { type FetchOptions, fetchedKind } from './fetched-kind.ts';
import { firstLine } from './probe.ts';
import { type DevServer, type ServerOptions, startServer } from './server.ts';

export interface RedisServerOptions extends ServerOptions, FetchOptions {
  /** It is to be a node of a Redis Cluster; who has which slots is told it afterwards. */
  readonly cluster?: boolean;
}

/** Redis on the loopback address. It keeps nothing on disk: all that the product puts there can be built again. */
export function startRedis(options: RedisServerOptions): Promise<DevServer> {
  const dataDir = resolve(options.dataDir);
  return startServer({ ...options, dataDir }, (port) =>
    fetchedKind(REDIS, { ...options, dataDir, port }, async ({ host }) => {
      const configFile = join(dataDir, 'redis.conf');
      await writeFile(configFile, configuration({ host, port, dataDir, cluster: options.cluster ?? false }));
      return {
        url: `redis://127.0.0.1:${port}`,
        args: [configFile],
        answers: async () => (await firstLine(port, 'PING\r\n')) === '+PONG',
        stopSignal: 'SIGTERM',
      };
    }),
  );
}

interface Configured {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly cluster: boolean;
}

/** The process title is left alone, so that a server left behind is recognised by its configuration file. */
function configuration({ host, port, dataDir, cluster }: Configured): string {
  return [
    `bind ${host}`,
    `port ${port}`,
    'protected-mode no',
    `dir "${dataDir}"`,
    'save ""',
    'appendonly no',
    'maxmemory 256mb',
    'maxmemory-policy noeviction',
    'set-proc-title no',
    ...(cluster ? ['cluster-enabled yes', 'cluster-node-timeout 5000'] : []),
    '',
  ].join('\n');
}
