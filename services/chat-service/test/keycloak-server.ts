/** A real Keycloak of a test's own, where the machine has one and a Java to run it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePort, launchProcess, waitUntil } from '@messagecore/dev-servers';
import { type Answer, createClient } from './client.ts';
import { childEnvironment, keycloakFolder } from './config.ts';
import { type Fill, visitPages } from './sign-in-browser.ts';

/** Of Java, for Keycloak 26. */
const OLDEST_JAVA = 17;
/** Its first start on a machine puts it together, which takes most of a minute by itself. */
const START = { timeoutMs: 240_000, everyMs: 250 };
const STOP_MS = 20_000;
const ADMIN = { username: 'admin', password: 'a password of the tests' };

/** The program, or why there is none here. */
export async function findKeycloak(): Promise<{ readonly program: string } | { readonly missing: string }> {
  const folder = keycloakFolder();
  if (folder === undefined) return { missing: 'MC_TEST_KEYCLOAK names no Keycloak' };
  const program = join(resolve(folder), 'bin/kc.sh');
  if (!existsSync(program)) throw new Error(`MC_TEST_KEYCLOAK: there is no ${program}`);
  const told = await promisify(execFile)('java', ['-version']).catch(() => ({ stderr: '' }));
  const version = Number(/version "(\d+)/.exec(told.stderr)?.[1] ?? 0);
  return version >= OLDEST_JAVA ? { program } : { missing: `Keycloak needs Java ${OLDEST_JAVA} or newer` };
}

export interface Keycloak {
  readonly url: string;
  /** Asks the admin API, as its admin; `path` comes after `/admin/realms`. Throws unless it is answered with success. */
  admin(method: string, path: string, body?: object): Promise<Answer>;
  /** Goes where the browser is sent, and signs in once with this name and password; where the browser is sent back to. */
  visit(url: string, redirectUri: string, username: string, password: string): Promise<URL>;
  stop(): Promise<void>;
}

/** Its database is in memory: each start has a Keycloak that is new. `dir` is for its log. */
export async function startKeycloak(program: string, dir: string): Promise<Keycloak> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(dir, 'keycloak.log');
  const args = ['start-dev', '--http-host', '127.0.0.1', '--http-port', String(port), '--db', 'dev-mem'];
  const account = { KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username, KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password };
  const running = await launchProcess(program, args, { logFile, env: childEnvironment(account) });
  const rest = createClient(url);
  const answers = async () => {
    if (running.hasExited()) throw new Error(`Keycloak did not start: see ${logFile}`);
    return (await rest.get('/realms/master').catch(() => undefined))?.status === 200;
  };
  await waitUntil(`Keycloak to answer on port ${port}`, answers, START).catch(async (error: unknown) => {
    await running.stop(0);
    throw error;
  });
  return {
    url,
    async admin(method, path, body) {
      const bearer = { authorization: `Bearer ${await adminToken(url)}` };
      const answer = await rest.with(bearer).call(method, `/admin/realms${path}`, body);
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      return answer;
    },
    visit: (start, redirectUri, username, password) => visitPages(start, redirectUri, once({ username, password })),
    stop: () => running.stop(STOP_MS),
  };
}

/** It lasts for a minute. */
async function adminToken(url: string): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...ADMIN });
  const answer = await fetch(`${url}/realms/master/protocol/openid-connect/token`, { method: 'POST', body });
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** A second form is the first one again, with what was wrong. */
function once(fields: Readonly<Record<string, string>>): Fill {
  let left: typeof fields | undefined = fields;
  return () => {
    const now = left;
    left = undefined;
    return now;
  };
}
