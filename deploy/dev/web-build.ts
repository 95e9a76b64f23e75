import { existsSync, globSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Log, run } from '@messagecore/dev-servers';
import { childEnvironment } from './config.ts';

const ROOT = join(import.meta.dirname, '../..');
const WEB = join(ROOT, 'services/web');
const DIST = join(WEB, 'dist');

/** All that ends up in the page. */
const SOURCES = [
  'services/web/*.*',
  'services/web/{src,public}/**/*.*',
  'libs/{sdk-js,kernel}/src/**/*.ts',
  'protocol/src/**/*.ts',
  'package-lock.json',
];

/**
 * Builds the web client unless what was built is newer than its sources, and returns its folder. The folder is replaced in one
 * move, so that those who are served from it meanwhile miss nothing for long.
 *
 * @throws Error with the words of the build that failed.
 */
export async function builtWebClient(log: Log): Promise<string> {
  const page = join(DIST, 'index.html');
  const built = existsSync(page) ? statSync(page).mtimeMs : 0;
  const newest = Math.max(...globSync(SOURCES, { cwd: ROOT }).map((file) => statSync(join(ROOT, file)).mtimeMs));
  if (built > newest) return DIST;

  log('building the web client');
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const building = join(ROOT, '.cache', `web-${process.pid}`);
  const command = [vite, 'build', '--outDir', building, '--emptyOutDir'];
  await run(process.execPath, command, { cwd: WEB, env: childEnvironment({}) });
  await rm(DIST, { recursive: true, force: true });
  await rename(building, DIST);
  return DIST;
}
