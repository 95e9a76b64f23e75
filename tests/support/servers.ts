import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@messagecore/chat-service';
import {
  cloneDatabase,
  createTemplate,
  type DevServer,
  dropDatabase,
  type NatsServer,
  startNats,
  startPostgres,
  startRedis,
} from '@messagecore/dev-servers';
import { readTestConfig } from './config.ts';

const TEMPLATE = 'messagecore_template';

/** What has to be undone, in the order in which it was done; undone in reverse. */
export class Cleanups {
  readonly #steps: (() => Promise<unknown> | void)[] = [];

  add(step: () => Promise<unknown> | void): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step();
  }
}

/** Servers of a system: the bus and the database are its own, the rest is shared unless it asks otherwise. */
export interface Servers {
  readonly nats: NatsServer;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** A folder for files. */
  readonly blobs: string;
}

export interface ServersOptions {
  /** A Redis of its own, for tests that empty the buckets which others share, or that stop it. */
  readonly ownRedis?: boolean;
  /** More lines of NATS' configuration. */
  readonly natsLines?: readonly string[];
}

/** Uses what the run provides and starts what it does not. */
export async function prepareServers(
  cleanups: Cleanups,
  { ownRedis = false, natsLines = [] }: ServersOptions = {},
): Promise<Servers> {
  const { postgresUrl, redisUrl } = readTestConfig();
  const dir = await mkdtemp(join(tmpdir(), 'messagecore-system-'));
  cleanups.add(() => rm(dir, { recursive: true, force: true }));
  // PostgreSQL may run as another account than ours.
  await chmod(dir, 0o755);
  const keep = async <S extends DevServer>(starting: Promise<S>): Promise<S> => {
    const server = await starting;
    cleanups.add(() => server.stop());
    return server;
  };
  const own = async (provided: string | undefined, start: () => Promise<DevServer>) =>
    provided ?? (await keep(start())).url;
  const [postgres, redis, nats] = await Promise.all([
    own(postgresUrl, () => startPostgres({ dataDir: join(dir, 'postgres'), durable: false })),
    own(ownRedis ? undefined : redisUrl, () => startRedis({ dataDir: join(dir, 'redis') })),
    keep(startNats({ dataDir: join(dir, 'nats'), lines: natsLines })),
  ]);
  await createTemplate(postgres, TEMPLATE, migrate);
  const databaseUrl = await cloneDatabase(postgres, TEMPLATE);
  cleanups.add(() => dropDatabase(databaseUrl));
  return { nats, databaseUrl, redisUrl: redis, blobs: join(dir, 'blobs') };
}
