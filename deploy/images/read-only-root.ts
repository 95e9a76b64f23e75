/**
 * Whether a container's root is read-only. That root owns a folder keeps an ordinary user out of it anyway (EACCES); only a
 * file system that takes no writes says EROFS, whoever asks.
 */

/** For `node -e` in the container: prints what its process is, and what becomes of a file that it writes. */
export const PROBE = `
  const { writeFileSync } = require('node:fs');
  const write = (path) => { try { writeFileSync(path, ''); return 'written' } catch ({ code }) { return code } };
  console.log(JSON.stringify({ uid: process.getuid(), app: write('/app/probe'), root: write('/probe'), tmp: write('/tmp/probe') }));`;

/** @throws Error when what the probe printed is not as it should be. */
export function judgeRoot(printed: string): string {
  const { uid, app, root, tmp } = JSON.parse(printed) as Record<string, unknown>;
  if (uid === 0 || app !== 'EROFS' || root !== 'EROFS' || tmp !== 'written')
    throw new Error(`it can do what it should not: ${printed.trim()}`);
  return `uid ${String(uid)}, writes to /tmp alone`;
}
