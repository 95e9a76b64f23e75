/** Servers that the run provides (`npm test`), and how much the services under test say. */
export interface TestConfig {
  readonly postgresUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly logLevel: string;
}

export function readTestConfig(env: NodeJS.ProcessEnv = process.env): TestConfig {
  return {
    postgresUrl: env['MC_TEST_POSTGRES_URL'],
    redisUrl: env['MC_TEST_REDIS_URL'],
    logLevel: env['MC_TEST_LOG'] ?? 'silent',
  };
}
