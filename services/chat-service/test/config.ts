/** Servers that `npm test` starts. */
export function testServers(): { postgresUrl: string; redisUrl: string } {
  const postgresUrl = process.env['MC_TEST_POSTGRES_URL'];
  const redisUrl = process.env['MC_TEST_REDIS_URL'];
  if (postgresUrl === undefined || redisUrl === undefined) throw new Error('run the tests with `npm test`');
  return { postgresUrl, redisUrl };
}

/** The folder of a Keycloak distribution; undefined where none is named. */
export const keycloakFolder = (): string | undefined => process.env['MC_TEST_KEYCLOAK'];

/** The environment of a program that a test starts: ours, with `more` on top. */
export const childEnvironment = (more: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...process.env,
  ...more,
});
