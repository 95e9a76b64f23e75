/**
 * Runs a TypeScript program of this repository on a machine that has only Node >= 20 and npm:
 *
 *     node deploy/dev/bootstrap.mjs PROGRAM [arguments …]
 *
 * Installs the packages when they are missing, not those of the lock file or not patched, then runs PROGRAM with Node 24, which comes
 * as a package itself. Plain JavaScript without dependencies, since nothing is installed yet when it runs. Standard output
 * belongs to PROGRAM alone: whatever is said here goes to standard error. Signals are passed on, and the exit code is
 * PROGRAM's.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 20;
/** The first with Argon2. */
const WANTED_NODE = [24, 7];

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const [program, ...args] = process.argv.slice(2);

process.exitCode = await main();

async function main() {
  if (program === undefined) return fail('usage: node deploy/dev/bootstrap.mjs PROGRAM [arguments …]');
  if (ownMajor() < OLDEST_NODE) return fail(`Node ${OLDEST_NODE} or newer is needed; this is ${process.version}`);
  const reason = whyInstall();
  if (reason !== undefined) {
    say(`installing packages (${reason}); this takes a minute or two the first time`);
    const code = await runToEnd(
      'npm',
      ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
      ['ignore', process.stderr, process.stderr],
    );
    if (code !== 0) return fail('npm ci failed; its own words are above');
  }
  const node = isWanted() ? process.execPath : join(root, 'node_modules/node/bin/node');
  if (!existsSync(node)) return fail(`Node ${WANTED_NODE[0]} did not arrive with the packages: run "npm rebuild node"`);
  return runToEnd(node, [resolve(root, program), ...args], 'inherit');
}

function isWanted() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > WANTED_NODE[0] || (major === WANTED_NODE[0] && minor >= WANTED_NODE[1]);
}

function ownMajor() {
  return Number(process.versions.node.split('.')[0]);
}

/**
 * Compares what npm installed, as it wrote it down, with what the lock file asks for. Packages for other platforms are
 * left out by npm and may be missing. Times of files say nothing here: a checkout touches them.
 */
function whyInstall() {
  const installed = readPackages('node_modules/.package-lock.json');
  if (installed === undefined) return 'none are installed';
  for (const [path, wanted] of Object.entries(readPackages('package-lock.json') ?? {})) {
    if (!path.includes('node_modules/')) continue;
    const found = installed[path];
    if (found === undefined && !wanted.optional && !wanted.devOptional) return `${path} is missing`;
    if (found !== undefined && found.version !== wanted.version) return `${path} has another version`;
  }
  const unpatched = patchFiles().find((file) => !isApplied(file));
  return unpatched && `${unpatched} is not applied`;
}

function patchFiles() {
  const folder = join(root, 'patches');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.patch')) : [];
}

/** Whether all lines that the patch adds are in the installed files. */
function isApplied(name) {
  let text = '';
  for (const line of readFileSync(join(root, 'patches', name), 'utf8').split('\n')) {
    if (line.startsWith('+++ b/')) text = textOf(line.slice('+++ b/'.length));
    else if (line.startsWith('+') && !text.includes(`\n${line.slice(1)}\n`)) return false;
  }
  return true;
}

function textOf(path) {
  try {
    return `\n${readFileSync(join(root, path), 'utf8')}\n`;
  } catch {
    return '';
  }
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * A signal may come several times at once: from the terminal to everyone, and passed on by npm and by this. PROGRAM takes
 * signals that arrive together for one.
 */
function runToEnd(command, commandArgs, stdio) {
  return new Promise((done) => {
    const child = spawn(command, commandArgs, { cwd: root, stdio });
    const pass = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass);
    child.once('error', (error) => done(fail(`cannot run ${command}: ${error.message}`)));
    child.once('exit', (code, signal) => done(code ?? 128 + constants.signals[signal]));
  });
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(line) {
  say(line);
  return 1;
}
