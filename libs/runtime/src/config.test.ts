import { expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, loadConfig } from './config.ts';
import { settings } from './settings.ts';

const Schema = z.object({
  PORT: settings.port(8080),
  WORKERS: settings.count(undefined, 1),
  NATS_URL: settings.urls(['nats', 'tls']),
  JWT_SECRET: settings.secret(),
  LOG_LEVEL: settings.logLevel(),
});
const good = { WORKERS: '4', NATS_URL: 'nats://a:4222,nats://b:4222', JWT_SECRET: 's'.repeat(32) };

function problemsOf(env: Record<string, string | undefined>): readonly string[] {
  try {
    loadConfig(Schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('reads strings into typed settings, with defaults for what is left out or empty', () => {
  expect(loadConfig(Schema, { ...good, PORT: '', HOME: '/root' })).toEqual({
    PORT: 8080,
    WORKERS: 4,
    NATS_URL: 'nats://a:4222,nats://b:4222',
    JWT_SECRET: 's'.repeat(32),
    LOG_LEVEL: 'info',
  });
});

test('one error lists everything wrong', () => {
  expect(problemsOf({ PORT: '80a', WORKERS: '0', NATS_URL: 'http://a', LOG_LEVEL: 'loud' })).toEqual([
    'PORT: must be a port number',
    'WORKERS: must be 1 or more',
    'NATS_URL: must be a URL that starts with nats:// or tls://',
    'JWT_SECRET: not set',
    expect.stringMatching(/^LOG_LEVEL: .*"info"/),
  ]);
});

test.each(['-1', '65536', '0x10', '1e3', ' 80', '8.0'])('refuses %j as a port', (PORT) => {
  expect(problemsOf({ ...good, PORT })).toEqual(['PORT: must be a port number']);
});

test('never shows a value', () => {
  const wrong = {
    PORT: 'value-of-port',
    WORKERS: 'value-of-workers',
    NATS_URL: 'value-of-url',
    JWT_SECRET: 'value-of-jwt',
    LOG_LEVEL: 'value-of-level',
  };
  expect(problemsOf(wrong)).toHaveLength(5);
  expect(problemsOf(wrong).join('\n')).not.toContain('value-of');
});
