import { loadConfig, settings } from '@messagecore/runtime';
import { z } from 'zod';

const MigrationSettings = z.object({ DATABASE_URL: settings.urls(['postgres', 'postgresql']) });

/** Settings of the migration job. @throws ConfigError naming what is wrong. */
export function readMigrationConfig(env: NodeJS.ProcessEnv = process.env): { databaseUrl: string } {
  return { databaseUrl: loadConfig(MigrationSettings, env).DATABASE_URL };
}
