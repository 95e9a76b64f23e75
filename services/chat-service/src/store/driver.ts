/**
 * The PostgreSQL client library (postgres 3.4.9) with five faults of its connection mended when it is loaded, until a
 * release does it:
 *
 * - A small write waits for the end of the turn. When the connection is closed before that, `nextWrite` meets no socket,
 *   throws where nobody can catch it, and the process ends. Mended: what was to be written fails as the rest did.
 * - Closing clears the pending turn but does not forget it. That connection of the pool then believes for ever that a
 *   write is about to happen, and never writes again. Mended: it forgets it, and the bytes with it.
 * - A statement that fails after its first rows leaves their number behind, and the next answer over that connection begins
 *   with as many holes. Mended: every statement counts from 0.
 * - A statement that is given to a connection between its error and its close is forgotten, and after the reconnection
 *   counts as done, with an empty answer. Mended: it fails with the connection.
 * - Nobody handles the failure of the question for array types that a new connection begins with: the process ends.
 *   Mended: the query for which the connection was made fails, as it did before, and that is all.
 *
 * A version of the library whose text is another one is refused at start: then look whether this is still needed.
 */
import { createRequire, registerHooks } from 'node:module';
import type postgres from 'postgres';

export type Driver = typeof postgres;

const CONNECTION = /\/postgres\/cjs\/src\/connection\.js$/;

const MENDS: readonly (readonly [from: string, to: string])[] = [
  [
    'function nextWrite(fn) {',
    `function nextWrite(fn) {
    if (socket === null) {
      forgetWrite()
      failAsked()
      return false
    }`,
  ],
  [
    'function connectTimedOut() {',
    `function forgetWrite() {
    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
  }

  function failAsked() {
    const err = Errors.connection('CONNECTION_CLOSED', options, socket)
    query && queryError(query, err)
    while (sent.length) queryError(sent.shift(), err)
    query = results = null
  }

  function connectTimedOut() {`,
  ],
  ['    query = results = errorResponse = null\n', '    rows = 0\n    query = results = errorResponse = null\n'],
  [
    "    !hadError && (query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))\n",
    '    failAsked()\n',
  ],
  ['return fetchArrayTypes()\n', 'return fetchArrayTypes().catch(() => {})\n'],
  // In `terminate` and in `closed`.
  ['\n    clearImmediate(nextWriteTimer)\n', '\n    forgetWrite()\n'],
  ['\n    clearImmediate(nextWriteTimer)\n', '\n    forgetWrite()\n'],
];

const decoder = new TextDecoder();

let driver: Driver | undefined;

/** The library, mended. @throws Error when it is not the version that this was written for. */
export function loadDriver(): Driver {
  driver ??= load();
  return driver;
}

function load(): Driver {
  const hooks = registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (!CONNECTION.test(url)) return loaded;
      const { source } = loaded;
      return { ...loaded, source: mended(typeof source === 'string' ? source : decoder.decode(source ?? undefined)) };
    },
  });
  try {
    return createRequire(import.meta.url)('postgres') as Driver;
  } finally {
    hooks.deregister();
  }
}

/** The library's text with every fault mended. @throws Error when one of them is not where it was. */
export function mended(source: string): string {
  let text = source;
  for (const [from, to] of MENDS) {
    const at = text.lastIndexOf(from);
    if (at < 0) throw new Error(`postgres is not the version that driver.ts mends: it has no "${from.trim()}"`);
    text = text.slice(0, at) + to + text.slice(at + from.length);
  }
  return text;
}
