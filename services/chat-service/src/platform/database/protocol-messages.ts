/** Messages of PostgreSQL's protocol that the client library does not make. */

/** Asks a server whether it speaks TLS; it answers with one byte. */
export const SSL_REQUEST: Uint8Array = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

const ZERO = '\0';

function message(type: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const head = Buffer.alloc(5, type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Runs a statement without parameters as a part of the transaction of whatever comes next: no Sync ends it. */
export function executeUnsynced(statement: string): Buffer {
  const none = Buffer.alloc(2);
  return Buffer.concat([
    message('P', ZERO, statement + ZERO, none),
    message('B', ZERO + ZERO, none, none, none),
    message('E', ZERO, Buffer.alloc(4)),
  ]);
}
