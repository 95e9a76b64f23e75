import { type Readable } from 'node:stream';

export interface Blob {
  readonly bytes: number;
  readonly content: Readable;
}

/**
 * Files by key: on a disk that all instances share, or in S3-compatible storage. A key is a path of segments of letters,
 * digits, `-`, `_` and `.` that starts with the tenant's id; anything else is refused, so that no key leaves its place.
 */
export interface BlobStore {
  /**
   * Stores a file whole or not at all, in place of what the key held. Returns how many bytes it has. Rejects with
   * `too_large` beyond `maxBytes`.
   */
  put(key: string, content: AsyncIterable<Uint8Array>, maxBytes: number): Promise<number>;
  /** Undefined when there is none. Whoever does not read to the end destroys the stream. */
  get(key: string): Promise<Blob | undefined>;
  /** Deleting what does not exist does nothing. */
  delete(key: string): Promise<void>;
  /** Deletes some of what is below a tenant's id or a folder of it. Returns how many files; 0 when nothing is left. */
  deleteSome(prefix: string): Promise<number>;
  /** Keys that start with a tenant's id or a folder of it, in pages, in no order that means anything. */
  list(prefix: string): AsyncIterable<readonly string[]>;
}

const SEGMENT = /^[\w-][\w.-]{0,127}$/;
const MAX_KEY = 512;

/** The key itself. @throws Error when it is malformed: keys are made by us, never taken from a caller. */
export function checkKey(key: string): string {
  if (key.length > MAX_KEY || !key.split('/').every((segment) => SEGMENT.test(segment))) {
    throw new Error(`malformed key of a blob: ${JSON.stringify(key.slice(0, MAX_KEY))}`);
  }
  return key;
}
