#!/usr/bin/env node
/** `npx mc …`: the program, with the Node that comes with the packages where the caller's own is too old to run it. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 24 || (major === 24 && minor >= 7)) await import('../src/main.ts');
else {
  const program = [path('../src/main.ts'), ...process.argv.slice(2)];
  process.exitCode = spawnSync(path('../../../node_modules/node/bin/node'), program, { stdio: 'inherit' }).status ?? 1;
}
