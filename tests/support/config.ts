/** Servers that the run provides (`npm test`), how much the services under test say, and how large tests are. */
export interface TestConfig {
  readonly postgresUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly logLevel: string;
  /** Tests that are run scaled down are run at full size. */
  readonly fullSize: boolean;
}

export function readTestConfig(env: NodeJS.ProcessEnv = process.env): TestConfig {
  return {
    postgresUrl: env['MC_TEST_POSTGRES_URL'],
    redisUrl: env['MC_TEST_REDIS_URL'],
    logLevel: env['MC_TEST_LOG'] ?? 'silent',
    fullSize: env['MC_TEST_FULL'] === '1',
  };
}
