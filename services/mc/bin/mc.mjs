#!/usr/bin/env node
/**
 * `npx mc …`: the program, with the Node that comes with the packages where the caller's own is too old to run it. Signals are
 * passed on to it, and its exit code is this one's.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 24 || (major === 24 && minor >= 7)) await import('../src/main.ts');
else process.exitCode = await run(path('../../../node_modules/node/bin/node'), path('../src/main.ts'));

function run(node, program) {
  return new Promise((done) => {
    const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.once('error', (error) => {
      process.stderr.write(`mc: cannot run ${node}: ${error.message}\n`);
      done(1);
    });
    child.once('exit', (code, signal) => done(code ?? 128 + constants.signals[signal]));
  });
}
