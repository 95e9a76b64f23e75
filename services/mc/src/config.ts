import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type ChatServiceConfig, readConfig } from '@messagecore/chat-service/operator';
import { ConfigError, loadConfig, type SentryConfig, sentryConfig, sentrySettings } from '@messagecore/runtime';
import { z } from 'zod';

/** What the command line is told about an installation: the settings of its chat-services, and where its processes are. */
export interface Installation {
  readonly databaseUrl: string | undefined;
  /** For backups, of a role that may replicate; `databaseUrl` when nothing else is said. */
  readonly backupUrl: string | undefined;
  readonly pooled: boolean;
  readonly poolSize: number | undefined;
  readonly natsUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly redisCluster: boolean;
  /** Addresses of the processes' own ports, chat-services and gateways. */
  readonly services: readonly string[];
  /** Where backups are kept; undefined when none are wanted. */
  readonly backup: string | undefined;
  /** A bucket to which backups are copied; undefined when none is wanted. */
  readonly bucket: BucketSettings | undefined;
  /** Where failures are reported; undefined when nowhere, or when it is no address. */
  readonly sentry: SentryConfig | undefined;
  /** All settings as a chat-service reads them, or what is wrong with them, a line each. */
  readonly settings: ChatServiceConfig | readonly string[];
}

export interface Given {
  readonly envFile?: string;
  readonly services?: string;
  readonly backup?: string;
  readonly bucket?: string;
}

/** S3-compatible storage, and below what its keys begin. */
export interface BucketSettings {
  readonly bucket: string;
  readonly prefix: readonly string[];
  readonly region: string;
  readonly endpoint?: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Addresses of a move to another PostgreSQL; `from` is `DATABASE_URL` when nothing else is said. */
export interface GivenMove {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly fromLink: string | undefined;
  readonly toLink: string | undefined;
  /** As that of `Installation`. */
  readonly sentry: SentryConfig | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Options come before variables, and variables before those of the file. @throws Error when there is no such file. */
export function readInstallation(given: Given, own: Environment = process.env): Installation {
  const env = withFile(given, own);
  const text = textsOf(env);
  const databaseUrl = text('DATABASE_URL');
  const poolSize = Number(text('DATABASE_POOL_SIZE'));
  return {
    databaseUrl,
    backupUrl: text('MC_BACKUP_DATABASE_URL') ?? databaseUrl,
    pooled: text('DATABASE_POOLED') === 'true',
    poolSize: poolSize > 0 ? poolSize : undefined,
    natsUrl: text('NATS_URL'),
    redisUrl: text('REDIS_URL'),
    redisCluster: text('REDIS_CLUSTER') === 'true',
    services: listOf(given.services ?? text('MC_SERVICES') ?? ''),
    backup: given.backup ?? text('MC_BACKUP'),
    bucket: bucketOf(given.bucket ?? text('MC_BACKUP_BUCKET'), text),
    sentry: sentryOf(env),
    settings: settingsOf(env),
  };
}

/** As `readInstallation` reads. @throws Error when there is no such file. */
export function readMove(given: Pick<Given, 'envFile'>, own: Environment = process.env): GivenMove {
  const env = withFile(given, own);
  const text = textsOf(env);
  return {
    from: text('MC_MOVE_FROM') ?? text('DATABASE_URL'),
    to: text('MC_MOVE_TO'),
    fromLink: text('MC_MOVE_FROM_LINK'),
    toLink: text('MC_MOVE_TO_LINK'),
    sentry: sentryOf(env),
  };
}

const withFile = ({ envFile }: Given, own: Environment): Environment =>
  envFile === undefined ? own : { ...parseEnv(readFileSync(envFile, 'utf8')), ...own };

const textsOf = (env: Environment) => (name: string) => (env[name] === '' ? undefined : env[name]);

/** Where PostgreSQL's programs are looked for: a folder that comes before all others, and the usual ones. */
export const searchPath = (
  env: Environment = process.env,
): { readonly first: string | undefined; readonly path: string } => ({
  first: env['MC_POSTGRES_BIN'],
  path: env['PATH'] ?? '',
});

/** The environment of a program that is started, with more variables: a password is never among its arguments. */
export const childEnvironment = (more: Environment, env: Environment = process.env): NodeJS.ProcessEnv => ({
  ...env,
  ...more,
});

/** @throws Error naming the setting that is missing, or wrong. */
function bucketOf(url: string | undefined, text: (name: string) => string | undefined): BucketSettings | undefined {
  if (url === undefined) return undefined;
  const [, bucket, path = ''] = /^s3:\/\/([\w.-]+)((?:\/[\w-][\w.-]*)*)\/?$/.exec(url) ?? [];
  if (bucket === undefined) throw new Error('--bucket or MC_BACKUP_BUCKET must be as s3://bucket/folder');
  const needed = (name: string) => {
    const value = text(name);
    if (value === undefined) throw new Error(`${name} is not set, and backups go to a bucket`);
    return value;
  };
  const endpoint = text('S3_ENDPOINT');
  return {
    ...{ bucket, prefix: path.split('/').filter((part) => part !== ''), region: text('S3_REGION') ?? 'us-east-1' },
    ...(endpoint !== undefined && { endpoint }),
    accessKeyId: needed('S3_ACCESS_KEY_ID'),
    secretAccessKey: needed('S3_SECRET_ACCESS_KEY'),
  };
}

/** What is wrong with it is said with the other settings. */
function sentryOf(env: Environment): SentryConfig | undefined {
  try {
    return sentryConfig(loadConfig(z.object(sentrySettings), env));
  } catch {
    return undefined;
  }
}

function settingsOf(env: Environment): ChatServiceConfig | readonly string[] {
  try {
    return readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const listOf = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim().replace(/\/+$/, ''))
    .filter((part) => part !== '');
