import { RATE_PROFILES } from '@messagecore/protocol';
import { ConfigError } from '@messagecore/runtime';
import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const good = {
  DATABASE_URL: 'postgres://u:p@db/chat',
  NATS_URL: 'nats://bus:4222',
  REDIS_URL: 'redis://cache',
  JWT_SECRET: 'x'.repeat(32),
  SECRETS_KEYS: `a:${Buffer.alloc(32).toString('base64')}`,
  ADMIN_KEY: 'y'.repeat(16),
};

test('what is left out has its default', () => {
  expect(readConfig(good)).toMatchObject({
    port: 8080,
    host: '0.0.0.0',
    limits: RATE_PROFILES.production,
    logLevel: 'info',
  });
  expect(readConfig(good)).not.toHaveProperty('corsOrigins');
  expect(readConfig({ ...good, CORS_ORIGINS: 'https://a.example, https://b.example' }).corsOrigins).toEqual([
    'https://a.example',
    'https://b.example',
  ]);
});

test('[OPS-1] one error lists everything wrong and shows no value', () => {
  const wrong = {
    ...good,
    PORT: '99999',
    NATS_URL: 'http://bus',
    JWT_SECRET: 'short-secret',
    LIMITS: 'none',
    REDIS_URL: '',
    DATABASE_POOLED: 'yes',
  };
  const failed = (() => {
    try {
      return readConfig(wrong);
    } catch (error) {
      return error;
    }
  })();
  expect(failed).toBeInstanceOf(ConfigError);
  const { problems, message } = failed as ConfigError;
  expect(problems.map((problem) => problem.split(':', 1)[0]).toSorted()).toEqual([
    'DATABASE_POOLED',
    'JWT_SECRET',
    'LIMITS',
    'NATS_URL',
    'PORT',
    'REDIS_URL',
  ]);
  expect(message).not.toContain('short-secret');
});
