/** A chat-service of its own for a test file: a database copied from one template, and NATS alone, since requests of gateways are shared by all who serve them. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cloneDatabase,
  createTemplate,
  type DevServer,
  dropDatabase,
  type NatsOptions,
  type NatsServer,
  startNats,
  startRedis,
} from '@messagecore/dev-servers';
import { RATE_PROFILES } from '@messagecore/protocol';
import postgres from 'postgres';
import { onTestFinished } from 'vitest';
import { type ChatService, startChatService } from '../src/roles/app.ts';
import type { CreateFeatures } from '../src/roles/features.ts';
import type { ChatServiceConfig } from '../src/config.ts';
import { migrate, REQUIRED_SCHEMA_VERSION } from '../src/platform/database/migrations.ts';
import { createClient, type RestClient } from './client.ts';
import { testServers } from './config.ts';

export const ADMIN_KEY = 'operator-key-of-the-tests';

export interface TestService {
  readonly config: ChatServiceConfig;
  readonly service: ChatService;
  readonly nats: NatsServer;
  /** Calls by nobody in particular. */
  readonly rest: RestClient;
  readonly operator: RestClient;
  /** A connection of its own to the service's database, which ends with the service at the latest. */
  sql(): postgres.Sql;
  stop(): Promise<void>;
}

export async function startTestService(
  overrides: Partial<ChatServiceConfig> = {},
  natsOptions: Pick<NatsOptions, 'maxFileStore'> = {},
  features?: CreateFeatures,
): Promise<TestService> {
  const { postgresUrl, redisUrl } = testServers();
  const dir = await mkdtemp(join(tmpdir(), 'chat-service-'));
  const template = `chat_service_${REQUIRED_SCHEMA_VERSION}`;
  await createTemplate(postgresUrl, template, migrate);
  const own = await cloneDatabase(postgresUrl, template);
  const nats = await startNats({ dataDir: dir, ...natsOptions });
  const config: ChatServiceConfig = {
    port: 0,
    host: '127.0.0.1',
    databaseUrl: own,
    natsUrl: nats.url,
    redisUrl,
    jwtSecret: randomUUID() + randomUUID(),
    secretsKeys: new Map([['test', randomBytes(32)]]),
    adminKey: ADMIN_KEY,
    // Identity providers of tests are on this machine.
    outboundExemptNetworks: ['127.0.0.0/8', '::1/128'],
    blobs: { folder: join(dir, 'blobs') },
    logLevel: 'silent',
    limits: RATE_PROFILES.load,
    ...overrides,
  };
  const connections: postgres.Sql[] = [];
  const service = await startChatService(config, features);
  const rest = createClient(service.url);
  return {
    config,
    service,
    nats,
    rest,
    operator: rest.with({ 'x-admin-key': ADMIN_KEY }),
    sql() {
      const sql = postgres(config.databaseUrl, { max: 1 });
      connections.push(sql);
      return sql;
    },
    async stop() {
      await Promise.all(connections.map((sql) => sql.end({ timeout: 5 })));
      await service.stop();
      await nats.stop();
      await dropDatabase(own);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A Redis of the test's own, where nobody else has spent tokens and which may be killed; gone when the test ends. */
export async function startTestRedis(): Promise<DevServer> {
  const dir = await mkdtemp(join(tmpdir(), 'chat-service-redis-'));
  const redis = await startRedis({ dataDir: dir });
  onTestFinished(async () => {
    await redis.stop();
    await rm(dir, { recursive: true, force: true });
  });
  return redis;
}
