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
];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: folders
      .filter((folder) => existsSync(join(import.meta.dirname, folder)))
      .map((folder) => ({
        test: {
          name: folder.replace(/^(libs|services)\//, ''),
          include: [`${folder}/**/*.test.ts`],
          exclude: ['**/node_modules/**', '**/dist/**'],
          // Tests with real servers wait for real events; a healthy run is far below these.
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // A condition that comes is waited for; the default of a second is a bet on the machine's speed.
          expect: { poll: { timeout: 30_000, interval: 25 } },
        },
      })),
  },
});
