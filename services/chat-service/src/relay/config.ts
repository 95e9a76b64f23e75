import { loadConfig, settings } from '@messagecore/runtime';
import { z } from 'zod';

const RestorationSettings = z.object({
  DATABASE_URL: settings.urls(['postgres', 'postgresql']),
  NATS_URL: settings.urls(['nats', 'tls']),
});

/** Settings of the job after a restoration. @throws ConfigError naming what is wrong. */
export function readRestorationConfig(env: NodeJS.ProcessEnv = process.env): { databaseUrl: string; natsUrl: string } {
  const { DATABASE_URL: databaseUrl, NATS_URL: natsUrl } = loadConfig(RestorationSettings, env);
  return { databaseUrl, natsUrl };
}
