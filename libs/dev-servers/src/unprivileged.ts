import { execFileSync } from 'node:child_process';
import { chown, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { onPath } from './acquire/on-path.ts';
import { hostEnvironment } from './config.ts';

/**
 * PostgreSQL refuses to run as root. Started by root, it runs as an account that every system has; nothing is added to
 * the machine. Where that account cannot walk to the files (a clone below `/root`), it is lent the one capability that
 * lets it, for that process alone.
 */
export interface Unprivileged {
  readonly uid: number;
  readonly gid: number;
}

const ACCOUNTS = ['postgres', 'nobody'];

/** The account to run as; undefined when we are an ordinary user and run as ourselves. @throws Error when root finds none. */
export function unprivilegedAccount(): Unprivileged | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ACCOUNTS) {
    const uid = idOf('-u', name);
    const gid = idOf('-g', name);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error(`PostgreSQL does not run as root, and this system has none of the accounts ${ACCOUNTS.join(', ')}`);
}

export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: { uid?: number; gid?: number };
}

/** How to start `program` as `account` so that it reaches every path in `paths`. @throws Error naming a closed folder. */
export async function launchAs(
  account: Unprivileged | undefined,
  program: string,
  args: readonly string[],
  paths: readonly string[],
): Promise<Launch> {
  if (account === undefined) return { program, args, options: {} };
  const closed = await firstClosedFolder(account, [program, ...paths]);
  if (closed === undefined) return { program, args, options: account };
  const setpriv = onPath('setpriv', hostEnvironment().path);
  if (setpriv === undefined) {
    throw new Error(`PostgreSQL runs as user ${account.uid} here and may not enter ${closed}: move the repository`);
  }
  const { uid, gid } = account;
  const identity = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  const lent = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return { program: setpriv, args: [...identity, ...lent, program, ...args], options: {} };
}

export async function giveTo(account: Unprivileged | undefined, path: string): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid);
}

async function firstClosedFolder({ uid, gid }: Unprivileged, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
      const { mode, uid: owner, gid: group } = await stat(folder);
      const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return folder;
      if (folder === dirname(folder)) break;
    }
  }
  return undefined;
}

function idOf(flag: '-u' | '-g', name: string): number | undefined {
  try {
    return Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return undefined;
  }
}
