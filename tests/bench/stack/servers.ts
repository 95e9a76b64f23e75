import { join } from 'node:path';
import {
  cloneDatabase,
  createTemplate,
  type DevServer,
  ensureDatabase,
  type NatsOptions,
  type PostgresOptions,
  startNats,
  startPostgres,
  startRedis,
} from '@messagecore/dev-servers';
import { migrate } from '@messagecore/chat-service';
import type { BenchContext } from '../section.ts';

const DATABASE = 'bench';
const TEMPLATE = 'bench_template';

/** A PostgreSQL that counts its statements. */
export function startCounting(options: PostgresOptions): Promise<DevServer> {
  const settings = { shared_preload_libraries: 'pg_stat_statements', max_wal_size: '4GB', checkpoint_timeout: '30min' };
  return startPostgres({ ...options, settings });
}

/** Keeps its promises (fsync on) unless it is a shared one, counts its statements, and has the product's schema. */
export interface Database {
  readonly server: DevServer;
  readonly url: string;
}

export async function startDatabase(
  { workDir, cleanup, say, postgres }: BenchContext,
  options: Pick<PostgresOptions, 'env'> = {},
): Promise<Database> {
  if (postgres !== undefined) {
    await createTemplate(postgres.url, TEMPLATE, migrate);
    return { server: postgres, url: await cloneDatabase(postgres.url, TEMPLATE) };
  }
  say('starting PostgreSQL');
  const server = await startCounting({ ...options, dataDir: join(workDir, 'postgres'), log: say });
  cleanup.defer(() => server.stop());
  const url = await ensureDatabase(server.url, DATABASE);
  await migrate(url);
  return { server, url };
}

export async function startBroker(
  { workDir, cleanup, say }: BenchContext,
  options: Pick<NatsOptions, 'monitorPort'> = {},
): Promise<DevServer> {
  say('starting NATS');
  const server = await startNats({ ...options, dataDir: join(workDir, 'nats'), log: say });
  cleanup.defer(() => server.stop());
  return server;
}

export async function startCache({ workDir, cleanup, say }: BenchContext): Promise<DevServer> {
  say('starting Redis');
  const server = await startRedis({ dataDir: join(workDir, 'redis'), log: say });
  cleanup.defer(() => server.stop());
  return server;
}
