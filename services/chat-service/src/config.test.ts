import { RATE_PROFILES } from '@messagecore/protocol';
import { ConfigError } from '@messagecore/runtime';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { ROLES } from './roles/roles.ts';

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

describe('identity providers', () => {
  const tenant = '018f4d5e-7a6b-7c8d-9e0f-1a2b3c4d5e6f';
  const one = { JWKS_URL: 'https://idp/jwks', JWKS_ISSUER: 'https://idp', JWKS_AUDIENCE: 'chat', JWKS_TENANTS: tenant };
  const namesOf = (env: Record<string, string>) => {
    try {
      readConfig({ ...good, ...env });
    } catch (error) {
      return (error as ConfigError).problems.map((problem) => problem.split(':', 1)[0]).toSorted();
    }
    return [];
  };

  test('say for whom they speak: there is no default', () => {
    expect(readConfig({ ...good, ...one }).keySets).toEqual([
      { url: 'https://idp/jwks', issuer: 'https://idp', audience: 'chat', tenants: new Set([tenant]) },
    ]);
    expect(readConfig({ ...good, ...one, JWKS_TENANTS: '*' }).keySets).toMatchObject([{ tenants: 'all' }]);
    expect(namesOf({ JWKS_URL: one.JWKS_URL })).toEqual(['JWKS_AUDIENCE', 'JWKS_ISSUER', 'JWKS_TENANTS']);
    for (const tenants of ['acme', `${tenant},`, '* ']) {
      expect(namesOf({ ...one, JWKS_TENANTS: tenants })).toEqual(['JWKS_TENANTS']);
    }
  });

  test('may be several', () => {
    const set = { url: 'https://idp/jwks', issuer: 'https://idp', audience: 'chat', tenants: [tenant.toUpperCase()] };
    const KEY_SETS = JSON.stringify([set, { ...set, tenants: '*' }]);
    expect(readConfig({ ...good, ...one, KEY_SETS }).keySets?.map(({ tenants }) => tenants)).toEqual([
      new Set([tenant]),
      'all',
      new Set([tenant]),
    ]);
    const wrong = [
      '{',
      '{}',
      JSON.stringify([{ ...set, tenants: undefined }]),
      JSON.stringify([{ ...set, tenants: [] }]),
    ];
    for (const text of [...wrong, JSON.stringify([{ ...set, issuers: 'x' }])]) {
      expect([text, namesOf({ KEY_SETS: text })]).toEqual([text, ['KEY_SETS']]);
    }
  });
});

test('the ring of keys is checked, and never shown', () => {
  const text = `a:${'x'.repeat(20)}`;
  expect(() => readConfig({ ...good, SECRETS_KEYS: text })).toThrow('SECRETS_KEYS: must be id:base64');
  expect(() => readConfig({ ...good, SECRETS_KEYS: text })).not.toThrow('xxxxx');
  expect([...readConfig(good).secretsKeys.keys()]).toEqual(['a']);
});

describe('roles', () => {
  test('are all, unless some are named', () => {
    expect(readConfig(good).roles).toEqual(new Set(ROLES));
    expect(readConfig({ ...good, ROLES: 'all' }).roles).toEqual(new Set(ROLES));
    expect(readConfig({ ...good, ROLES: 'workers, jobs' }).roles).toEqual(new Set(['workers', 'jobs']));
  });

  test.each(['none', 'api,', 'api,worker', 'API', 'all,api'])('[OPS-1] %j names none, which is said', (text) => {
    expect(() => readConfig({ ...good, ROLES: text })).toThrow(
      'ROLES: must be all, or some of api,rpc,relay,workers,jobs',
    );
  });
});

test('networks that are exempt are networks', () => {
  expect(readConfig(good).outboundExemptNetworks).toEqual([]);
  const networks = '10.1.0.0/16, fd00::/8';
  expect(readConfig({ ...good, OUTBOUND_EXEMPT_NETWORKS: networks }).outboundExemptNetworks).toEqual([
    '10.1.0.0/16',
    'fd00::/8',
  ]);
  for (const text of ['10.1.0.0', 'idp.internal', '10.0.0.0/99']) {
    expect(() => readConfig({ ...good, OUTBOUND_EXEMPT_NETWORKS: text })).toThrow('OUTBOUND_EXEMPT_NETWORKS');
  }
});

test('files are kept in a folder or in a bucket, or nowhere', () => {
  expect(readConfig(good)).not.toHaveProperty('blobs');
  expect(readConfig({ ...good, BLOBS: 'file:///var/lib/a%20b' }).blobs).toEqual({ folder: '/var/lib/a b' });
  const keys = { S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'secret' };
  expect(readConfig({ ...good, ...keys, BLOBS: 's3://audit', S3_ENDPOINT: 'https://s3.example' }).blobs).toEqual({
    ...{ bucket: 'audit', region: 'us-east-1', endpoint: 'https://s3.example' },
    ...{ accessKeyId: 'id', secretAccessKey: 'secret' },
  });
  expect(() => readConfig({ ...good, BLOBS: 's3://audit' })).toThrow('S3_SECRET_ACCESS_KEY');
  expect(() => readConfig({ ...good, BLOBS: '/var/lib' })).toThrow('BLOBS');
});
