import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** A folder is a project under its own name; new ones below `libs`, `services` and `tests` are found by themselves. */
const foldersOf = (parent: string) =>
  readdirSync(join(import.meta.dirname, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .map((entry) => join(parent, entry.name));

const folders = [
  'protocol',
  'migrations',
  ...['libs', 'services', 'tests'].flatMap(foldersOf),
  'deploy/dev',
  'deploy/docker',
  'deploy/images',
];

const existing = folders.filter((folder) => existsSync(join(import.meta.dirname, folder)));
/** Outside of `tests`, which needs servers as a whole, tests that need none are named so that they are told apart. */
const PURE = ['protocol', 'libs', 'services'].map((folder) => `${folder}/**/*.test.ts`);
const WITH_SERVERS = '**/*.int.test.ts';
const NEVER = ['**/node_modules/**', '**/dist/**'];

const common = {
  // The files of a project share processes: loading the sources anew for each would take a sixth of the time.
  isolate: false,
  // Tests with real servers wait for real events; a healthy run is far below these, on a machine with a load of 20 too.
  testTimeout: 180_000,
  hookTimeout: 240_000,
  // A condition that comes is waited for; the default of a second is a bet on the machine's speed.
  expect: { poll: { timeout: 60_000, interval: 25 } },
};

export default defineConfig({
  test: {
    pool: 'forks',
    // A test waits for half of its time: with three of them at work two cores are busy.
    maxWorkers: 3,
    projects: [
      { test: { ...common, name: 'pure', include: PURE, exclude: [...NEVER, WITH_SERVERS] } },
      ...existing.map((folder) => ({
        test: {
          ...common,
          name: folder.replace(/^(libs|services)\//, ''),
          include: [
            /^(protocol|libs|services)\b/.test(folder) ? `${folder}/${WITH_SERVERS}` : `${folder}/**/*.test.ts`,
          ],
          exclude: NEVER,
        },
      })),
    ],
  },
});
