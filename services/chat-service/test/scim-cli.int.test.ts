/** Provisioning by a published SCIM client: scim2-cli 0.6.0 (PyPI), whose `test` tries what RFC 7643 and 7644 ask of a server. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childEnvironment } from './config.ts';
import { createTestTenant } from './people.ts';
import { startTestService, type TestService } from './service.ts';

/** A client that is stopped early has tried fewer. */
const LEAST_CHECKS = 80;
const hasClient = spawnSync('scim2', ['--help'], { stdio: 'ignore' }).status === 0;
const leftOut = hasClient ? '' : ' (left out: there is no scim2-cli on this machine)';

describe.skipIf(!hasClient)(`[ACC-3] a published SCIM client${leftOut}`, () => {
  let house: TestService;
  beforeAll(async () => {
    house = await startTestService();
  });
  afterAll(() => house.stop());

  test('tries what the standard asks, and all but one thing is as it should be', async () => {
    const { apiKey } = await createTestTenant(house);
    const asked = { SCIM_CLI_URL: `${house.service.url}/scim/v2`, SCIM_CLI_HEADERS: `Authorization: Bearer ${apiKey}` };
    const stdout = await run(childEnvironment(asked));
    const told = stripVTControlCharacters(stdout).split(/^(?=[A-Z]+ \w+$)/m);
    const of = (status: string) => told.filter((check) => check.startsWith(`${status} `));
    expect(of('SUCCESS').length).toBeGreaterThan(LEAST_CHECKS);
    expect(of('CRITICAL')).toEqual([]);
    // It is always told whether somebody is let in: true unless the directory says otherwise.
    expect(of('ERROR')).toEqual([expect.stringContaining("did not remove attribute 'active'")]);
    // Searches in users and groups at once are not there, which is said with 501.
    expect(of('SKIPPED').filter((check) => !check.includes('POST /.search'))).toEqual([]);
  }, 300_000);
});

/** What the client prints; it ends with 1 when there is anything to complain of. */
async function run(env: NodeJS.ProcessEnv): Promise<string> {
  try {
    return (await promisify(execFile)('scim2', ['test', '--verbose'], { env })).stdout;
  } catch (error) {
    const { code, stdout } = error as { readonly code: unknown; readonly stdout: string };
    if (code !== 1) throw error;
    return stdout;
  }
}
