/**
 * The PostgreSQL client library (postgres 3.4.9) with the faults of its connection mended when it is loaded, until a
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
 * - A session that is left inside a transaction that nobody owns, a failed one too, is used on: what is stored there is never
 *   committed. Mended: its connection is broken, and what was asked over it fails.
 * - A session in which PostgreSQL refuses to write (25006) is kept, though it may be that session's state alone, or that of
 *   a server which another one has replaced. Mended: the connection ends when nothing is asked over it, and is made anew.
 * - With several hosts, those that do not answer are tried for ever without a pause, and a socket factory never learns which
 *   one is wanted. Mended: the factory is told which connection asks, and judges the server that has let it in (`judge`).
 *
 * And two things that it cannot do, which poolers in transaction mode need (session-settings.ts): settings in the packet of
 * `begin`, and settings in front of a statement that is a transaction of its own (`opening`).
 *
 * A version of the library whose text is another one is refused at start: then look whether this is still needed.
 */
import { createRequire, registerHooks } from 'node:module';
import type postgres from 'postgres';

export type Driver = typeof postgres;

type Mend = readonly [from: string, to: string];

const CONNECTION: readonly Mend[] = [
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
  ['options.socket(options)', 'options.socket(options, connection)'],
  [
    `      if (target_session_attrs) {
        if (!backendParameters.in_hot_standby || !backendParameters.default_transaction_read_only)
          return fetchState()
        else if (tryNext(target_session_attrs, backendParameters))
          return terminate()
      }
`,
    `      const verdict = options.socket && options.socket.judge && options.socket.judge(connection, socket, backendParameters, end)
      if (verdict) {
        verdict instanceof Error && errored(verdict)
        socket.destroy()
        return
      }
`,
  ],
  [
    '    while (sent.length && (query = sent.shift()) && (query.active = true, query.cancelled))\n',
    `    if (x[5] !== 73 && !connection.reserved)
      return socket.destroy(Errors.connection('CONNECTION_CLOSED', options, socket))

    while (sent.length && (query = sent.shift()) && (query.active = true, query.cancelled))
`,
  ],
  [
    `      errorResponse = Errors.postgres(parseError(x))
`,
    `      errorResponse = Errors.postgres(parseError(x))
      if (errorResponse.code === '25006' && !initial && !ending) {
        end()
        options.socket && options.socket.refused && options.socket.refused()
      }
`,
  ],
  ['return write(toBuffer(q))\n', 'return write(opened(q))\n'],
  [
    '  function toBuffer(q) {\n',
    `  function opened(q) {
    const opening = options.socket && options.socket.opening
    if (!opening || connection.reserved || q.options.simple)
      return toBuffer(q)
    q.opening = opening.statements
    return Buffer.concat([opening.messages, toBuffer(q)])
  }

  function toBuffer(q) {
`,
  ],
  [
    `  function DataRow(x) {
`,
    `  function DataRow(x) {
    if (query.opening) return

`,
  ],
  [
    `  function CommandComplete(x) {
`,
    `  function CommandComplete(x) {
    if (query.opening) {
      query.opening -= 1
      return
    }

`,
  ],
];

const INDEX: readonly Mend[] = [["options.replace(/[^a-z ]/ig, '')", "options.replace(/[^a-z0-9_ =;']/ig, '')"]];

const MENDS: ReadonlyMap<string, readonly Mend[]> = new Map([
  ['connection.js', CONNECTION],
  ['index.js', INDEX],
]);

const FILE = /\/postgres\/cjs\/src\/(\w+\.js)$/;

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
      const file = FILE.exec(url)?.[1];
      if (file === undefined || !MENDS.has(file)) return loaded;
      const { source } = loaded;
      const text = typeof source === 'string' ? source : decoder.decode(source ?? undefined);
      return { ...loaded, source: mended(text, file) };
    },
  });
  try {
    return createRequire(import.meta.url)('postgres') as Driver;
  } finally {
    hooks.deregister();
  }
}

/** The text of one of the library's files with every fault mended. @throws Error when one of them is not where it was. */
export function mended(source: string, file = 'connection.js'): string {
  let text = source;
  for (const [from, to] of MENDS.get(file) ?? []) {
    const at = text.lastIndexOf(from);
    if (at < 0) throw new Error(`postgres is not the version that driver.ts mends: it has no "${from.trim()}"`);
    text = text.slice(0, at) + to + text.slice(at + from.length);
  }
  return text;
}
