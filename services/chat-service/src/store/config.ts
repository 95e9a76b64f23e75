import { loadConfig, settings } from '@messagecore/runtime';
import { z } from 'zod';

const MigrationSettings = z.object({ DATABASE_URL: settings.urls(['postgres', 'postgresql']) });

/** Settings of the migration job. @throws ConfigError naming what is wrong. */
export function readMigrationConfig(env: NodeJS.ProcessEnv = process.env): { databaseUrl: string } {
  return { databaseUrl: loadConfig(MigrationSettings, env).DATABASE_URL };
}

const RestorationSettings = MigrationSettings.extend({ NATS_URL: settings.urls(['nats', 'tls']) });

/** Settings of the job after a restoration. @throws ConfigError naming what is wrong. */
export function readRestorationConfig(env: NodeJS.ProcessEnv = process.env): { databaseUrl: string; natsUrl: string } {
  const { DATABASE_URL: databaseUrl, NATS_URL: natsUrl } = loadConfig(RestorationSettings, env);
  return { databaseUrl, natsUrl };
}
