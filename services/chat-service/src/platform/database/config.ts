import { loadConfig } from '@messagecore/runtime';
import { z } from 'zod';
import { parseDatabaseUrl } from './address.ts';

/** An address that `parseDatabaseUrl` understands, kept as it is. */
export const databaseUrl = () =>
  z.string().superRefine((text, context) => {
    try {
      parseDatabaseUrl(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'makes no sense' });
    }
  });

export const MigrationSettings = z.object({
  DATABASE_URL: databaseUrl().describe('PostgreSQL, past any pooler, with a role that may create tables'),
});

/** Settings of the migration job. @throws ConfigError naming what is wrong. */
export function readMigrationConfig(env: NodeJS.ProcessEnv = process.env): { databaseUrl: string } {
  return { databaseUrl: loadConfig(MigrationSettings, env).DATABASE_URL };
}
