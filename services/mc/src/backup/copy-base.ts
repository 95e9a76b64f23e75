/** Base backups to and from a bucket, as an archive of `tar` in pieces, each of which is one file there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { childEnvironment } from '../config.ts';
import { messageOf } from '../output/errors.ts';
import { type Bucket, keysBelow, placeOf } from './bucket.ts';
import { filledBytes } from './filled-bytes.ts';
import { type BaseBackup, dataFolder, listBackups, writeBackup } from './folder.ts';
import { isHistory } from './timelines.ts';

/** Storage takes 10,000 parts of a file, of 5 MiB each. */
const PIECE_BYTES = 1024 ** 3;
const ARCHIVE = 'data.tar.gz';

/** @throws what the storage says, or tar: then there is no `backup.json`, and the backup counts as none. */
export async function uploadBase(
  bucket: Bucket,
  folder: string,
  backup: BaseBackup,
  pieceBytes = PIECE_BYTES,
): Promise<void> {
  const { store, key } = bucket;
  const tar = runTar(['-C', dataFolder(folder, backup.id), '-czf', '-', '.']);
  const put = (name: string, content: AsyncIterable<Buffer>, most: number) =>
    store.put(key('base', backup.id, name), content, most).catch(failed);
  try {
    const pieces = new Pieces(tar.stdout, pieceBytes);
    for (let n = 0; !(await pieces.ended()); n += 1) {
      await put(`${ARCHIVE}.${String(n).padStart(4, '0')}`, pieces.next(), pieceBytes);
    }
    await tar.done;
  } finally {
    await tar.end();
  }
  const text = Buffer.from(JSON.stringify(backup, null, 2));
  await put('backup.json', Readable.from([text]), text.length);
}

/** What the storage says, as opposed to what tar says. */
class StorageError extends Error {}

function failed(error: unknown): never {
  throw new StorageError(`the storage: ${messageOf(error)}`, { cause: error });
}

/** Brings the histories of timelines that the folder lacks. */
export async function bringHistories(bucket: Bucket, folder: string): Promise<void> {
  for (const name of await keysBelow(bucket, 'wal')) {
    const path = pathOf(folder, name);
    if (isHistory(basename(path)) && !(await exists(path))) await bringWal(bucket, name, path);
  }
}

/** Where what has this name in the bucket is in the folder. */
const pathOf = (folder: string, name: string) => join(folder, 'wal', name.replace(/\.gz$/, ''));

/** Brings the backup into the folder where it is not there, and the WAL since then that is missing there. */
export async function download(bucket: Bucket, folder: string, backup: BaseBackup): Promise<void> {
  const data = dataFolder(folder, backup.id);
  const isListed = (await listBackups(folder)).some(({ id }) => id === backup.id);
  if (!isListed || !(await exists(data))) {
    await bringBase(bucket, backup.id, data);
    await writeBackup(folder, backup);
  }
  for (const name of await keysBelow(bucket, 'wal')) {
    const place = placeOf(name);
    const path = pathOf(folder, name);
    if (place !== undefined && backup.firstWal !== undefined && place < backup.firstWal) continue;
    if (path.endsWith('.partial') || !(await exists(path))) await bringWal(bucket, name, path);
  }
}

/** `data` appears when all of it is there; what an interrupted attempt has left is overwritten. */
async function bringBase(bucket: Bucket, id: string, data: string): Promise<void> {
  const part = `${data}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true, mode: 0o700 });
  try {
    await unpack(bucket, id, part);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  }
  await rm(data, { recursive: true, force: true });
  await rename(part, data);
}

/** What is there already stays unless the storage has more of it. */
async function bringWal({ store, key }: Bucket, name: string, path: string): Promise<void> {
  const blob = await store.get(key('wal', name));
  if (blob === undefined) return;
  await mkdir(dirname(path), { recursive: true });
  // Whole or not at all: a segment that ends early would end the recovery.
  await pipeline(blob.content, createGunzip(), createWriteStream(`${path}.part`));
  if ((await exists(path)) && (await filledBytes(`${path}.part`)) <= (await filledBytes(path)))
    await rm(`${path}.part`);
  else await rename(`${path}.part`, path);
}

async function unpack(bucket: Bucket, id: string, into: string): Promise<void> {
  const names = (await keysBelow(bucket, 'base', id)).filter((name) => name.startsWith(ARCHIVE)).sort();
  const tar = runTar(['-C', into, '-xzf', '-']);
  try {
    await pipeline(piecesOf(bucket, id, names), tar.stdin);
    await tar.done;
  } catch (error) {
    // A tar that fails closes its input: what it says itself tells more than that.
    if (!(error instanceof StorageError)) await tar.done;
    throw error;
  } finally {
    await tar.end();
  }
}

async function* piecesOf({ store, key }: Bucket, id: string, names: readonly string[]): AsyncGenerator<Buffer> {
  for (const name of names) {
    const blob = await store.get(key('base', id, name)).catch(failed);
    if (blob === undefined) failed(new Error(`${name} of the backup ${id} is gone`));
    try {
      yield* blob.content as AsyncIterable<Buffer>;
    } catch (error) {
      failed(error);
    }
  }
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** A stream cut into pieces, one after the other. */
class Pieces {
  readonly #source: AsyncIterator<Buffer>;
  readonly #bytes: number;
  #rest: Buffer | undefined;
  #over = false;

  constructor(source: Readable, bytes: number) {
    this.#bytes = bytes;
    this.#source = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async ended(): Promise<boolean> {
    if (this.#rest === undefined && !this.#over) await this.#read();
    return this.#rest === undefined;
  }

  async *next(): AsyncGenerator<Buffer> {
    let left = this.#bytes;
    while (left > 0 && !(await this.ended())) {
      const chunk = this.#rest ?? Buffer.alloc(0);
      const taken = chunk.subarray(0, left);
      this.#rest = taken.length === chunk.length ? undefined : chunk.subarray(left);
      left -= taken.length;
      yield taken;
    }
  }

  async #read(): Promise<void> {
    const { done = false, value } = await this.#source.next();
    this.#over = done;
    this.#rest = done ? undefined : (value as Buffer);
  }
}

interface Tar {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Rejects when it failed. */
  readonly done: Promise<void>;
  /** Ends it where it has not ended, and waits for that: it would wait for ever for who reads or writes no more. */
  readonly end: () => Promise<void>;
}

function runTar(args: readonly string[]): Tar {
  const child = spawn('tar', args, { env: childEnvironment({ LC_ALL: 'C' }), stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-1_000)));
  const done = (async () => {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`tar ended with ${code}: ${said.trim()}`);
  })();
  done.catch(() => {});
  const end = () => {
    child.kill();
    for (const stream of [child.stdin, child.stdout]) stream.destroy();
    return done.catch(() => {});
  };
  return { stdin: child.stdin, stdout: child.stdout, done, end };
}
