import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HostEnvironment, hostEnvironment } from '../config.ts';
import { type Log, logToStderr } from '../log.ts';
import { hasApt, unpackedProgram, unpackPackages } from './apt.ts';
import { cached, cacheFolder } from './cache.ts';
import { prepareImage } from './containers.ts';
import { onPath } from './on-path.ts';
import type { Program, ServerSource } from './program.ts';
import { run } from './run.ts';
import { isOlder, versionOf } from './version.ts';

/** Where a server comes from: a program to run here, or an image to run in the container runtime. */
export type Acquired =
  | { readonly kind: 'program'; readonly program: Program; readonly from: Way }
  | { readonly kind: 'image'; readonly image: string; readonly from: Way };

export type Way = 'path' | 'containers' | 'apt' | 'homebrew' | 'go';

/** The order of trying: what the machine has, then what leaves it untouched. */
const WAYS: readonly Way[] = ['path', 'containers', 'apt', 'homebrew', 'go'];

/** Ways that may lead to a newer server than one that is there: they change nothing outside our own folder. */
const NEWER: readonly Way[] = ['containers', 'go'];
/** A newer server is only wished for: it is not waited for for ever, and after a failure not tried again for a while. */
const NEWER_WITHIN_MS = 240_000;
const FAILED_FOR_MS = 60 * 60_000;

export interface AcquireOptions {
  readonly log?: Log;
  readonly host?: HostEnvironment;
  /** Where programs are kept that had to be fetched; `.cache/` of the repository if not given. */
  readonly cache?: string;
  /** Only these ways, in the usual order; all of them if not given. */
  readonly ways?: readonly Way[];
}

/**
 * Finds a server, or fetches it: from PATH, from Docker, from the system's package manager, or built by Go.
 * A way that fails is reported and the next one tried; what was fetched once is found again without a network. A server
 * older than the source's minimum gives way to Docker's or Go's where these exist; where not, it is used with a warning.
 *
 * @throws Error telling how to get the server by hand when no way leads to it.
 */
export async function acquire(source: ServerSource, options: AcquireOptions = {}): Promise<Acquired> {
  const { log = logToStderr, host = hostEnvironment(), ways = WAYS } = options;
  const cache = join(options.cache ?? (await cacheFolder()), 'servers');
  const logLine: Log = (line) => log(`${source.title}: ${line}`);
  let old: { acquired: Acquired; version: string } | undefined;
  for (const way of WAYS.filter((each) => ways.includes(each))) {
    if (old !== undefined && !NEWER.includes(way)) continue;
    try {
      const acquired = await attempt(way, source, { cache, host, log: logLine, optional: old !== undefined });
      if (acquired === undefined) continue;
      const version = await tooOld(acquired, source);
      if (version === undefined) return acquired;
      old ??= { acquired, version };
    } catch (error) {
      logLine(`${way} did not work: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (old === undefined) throw new Error(adviceFor(source));
  logLine(`version ${old.version} is used, for want of ${source.minimum} or newer (Docker or Go would provide it)`);
  return old.acquired;
}

/** Its version, when that is below the minimum. */
export async function tooOld(acquired: Acquired, { minimum }: ServerSource): Promise<string | undefined> {
  if (minimum === undefined || acquired.kind === 'image') return undefined;
  const version = await versionOf(acquired.program);
  return version !== undefined && isOlder(version, minimum) ? version : undefined;
}

interface Attempt {
  readonly cache: string;
  readonly host: HostEnvironment;
  readonly log: Log;
  /** There is one already: this would only be a newer one. */
  readonly optional: boolean;
}

/** Undefined when this machine does not have that way at all. */
async function attempt(from: Way, source: ServerSource, context: Attempt): Promise<Acquired | undefined> {
  if (from === 'containers') {
    const { image } = source;
    return (await prepareImage(image, context.log)) ? { kind: 'image', image, from } : undefined;
  }
  const program = await programFrom(from, source, context);
  return program && { kind: 'program', program, from };
}

function programFrom(
  way: Exclude<Way, 'containers'>,
  source: ServerSource,
  context: Attempt,
): Promise<Program | undefined> | Program | undefined {
  switch (way) {
    case 'path':
      return installed(source, context.host.path);
    case 'apt':
      return fromApt(source, context);
    case 'homebrew':
      return fromHomebrew(source, context);
    case 'go':
      return fromGo(source, context);
  }
}

/** Debian keeps servers in `/usr/sbin`, which ordinary users often lack on their PATH. */
function installed({ commands }: ServerSource, path: string): Program | undefined {
  const paths = path === '' ? '' : `${path}:/usr/local/sbin:/usr/sbin`;
  const found = commands.map((command) => onPath(command, paths)).find((each) => each !== undefined);
  return found === undefined ? undefined : { path: found, env: {} };
}

async function fromApt(source: ServerSource, { cache, host, log }: Attempt): Promise<Program | undefined> {
  if (!hasApt(host)) return undefined;
  const entry = join(cache, `${source.debianPackage}-apt-${await systemName()}`);
  const fill = (folder: string) =>
    unpackPackages([source.debianPackage, ...(source.debianParts ?? [])], folder, host, log);
  return unpackedProgram(await cached(entry, fill, log), source.commands[0]);
}

async function fromHomebrew(source: ServerSource, { host, log }: Attempt): Promise<Program | undefined> {
  const brew = onPath('brew', host.path);
  if (brew === undefined) return undefined;
  log(`brew install ${source.homebrewFormula} (this can take minutes)`);
  await run(brew, ['install', '--quiet', source.homebrewFormula], { env: host.variables });
  const prefix = (await run(brew, ['--prefix', source.homebrewFormula], { env: host.variables })).trim();
  return installed(source, join(prefix, 'bin'));
}

async function fromGo(
  source: ServerSource,
  { cache, host, log, optional: wished }: Attempt,
): Promise<Program | undefined> {
  const go = onPath('go', host.path);
  const { goModule } = source;
  if (go === undefined || goModule === undefined) return undefined;
  const version = goModule.slice(goModule.lastIndexOf('@') + 1);
  const entry = join(cache, `${source.commands[0]}-go-${version}-${process.platform}-${process.arch}`);
  const failure = `${entry}.failed`;
  if (wished && (await failedRecently(failure))) return undefined;
  const fill = async (folder: string) => {
    log(`building ${goModule} with Go (this takes a minute or two)`);
    const timeout = wished ? { timeout: NEWER_WITHIN_MS } : {};
    await run(go, ['install', goModule], { env: { ...host.variables, GOBIN: folder, GOFLAGS: '' }, ...timeout });
  };
  try {
    return installed(source, await cached(entry, fill, log));
  } catch (error) {
    await writeFile(failure, '').catch(() => {});
    throw error;
  }
}

async function failedRecently(path: string): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < FAILED_FOR_MS;
}

/** Programs of one system do not run on another that shares the folder, a container on a laptop's clone for example. */
async function systemName(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(release)?.[1] ?? 'unknown';
  return `${field('ID')}${field('VERSION_ID')}-${process.arch}`;
}

function adviceFor({ title, debianPackage, homebrewFormula, goModule, commands }: ServerSource): string {
  const lines = [
    `${title} is needed and was not found. Any one of these helps:`,
    `  1. install it, so that "${commands[0]}" is on PATH:`,
    `       Debian, Ubuntu:  sudo apt-get install ${debianPackage}`,
    `       macOS:           brew install ${homebrewFormula}`,
    ...(goModule === undefined ? [] : [`       with Go:         go install ${goModule}`]),
    '  2. start Docker (docker info must answer); an image is then used',
    '  3. use a system with apt-get or brew and a network: it is then fetched by itself',
  ];
  return lines.join('\n');
}
