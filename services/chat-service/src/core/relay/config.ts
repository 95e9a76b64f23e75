import { loadConfig, settings } from '@messagecore/runtime';
import { z } from 'zod';
import { databaseUrl } from '../../platform/database/config.ts';

const RestorationSettings = z.object({
  DATABASE_URL: databaseUrl(),
  NATS_URL: settings.urls(['nats', 'tls']),
});

/** Settings of the job after a restoration. @throws ConfigError naming what is wrong. */
export function readRestorationConfig(env: NodeJS.ProcessEnv = process.env): { databaseUrl: string; natsUrl: string } {
  const { DATABASE_URL, NATS_URL } = loadConfig(RestorationSettings, env);
  return { databaseUrl: DATABASE_URL, natsUrl: NATS_URL };
}
