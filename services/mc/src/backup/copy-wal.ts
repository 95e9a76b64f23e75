import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGzip } from 'node:zlib';
import { type Bucket, keysBelow } from './bucket.ts';
import { listWal, type WalFile } from './folder.ts';

/** A segment has 16 MiB, or what initdb was told, which is a gigabyte at most. */
const MOST = 2 * 1024 ** 3;
const COMPRESSED = '.gz';

/**
 * Brings the WAL of a folder into a bucket: each segment once when it is full, and the one that is being written again whenever it has
 * grown. What is there is known after the first look.
 */
export class WalCopy {
  readonly #bucket: Bucket;
  readonly #folder: string;
  /** Names of what the bucket has. */
  #there: Set<string> | undefined;
  /** When a segment that is being written was last brought: its time of change. */
  readonly #brought = new Map<string, number>();

  constructor(bucket: Bucket, folder: string) {
    this.#bucket = bucket;
    this.#folder = folder;
  }

  /** Brings what is missing. @throws what the storage says; what is not there is tried again by the next call. */
  async step(): Promise<void> {
    this.#there ??= new Set(await keysBelow(this.#bucket, 'wal'));
    const files = await listWal(this.#folder);
    for (const file of files.filter(({ partial }) => !partial)) await this.#bringFull(file, this.#there);
    for (const file of files.filter(({ partial }) => partial)) await this.#bringGrown(file);
  }

  async #bringFull(file: WalFile, there: Set<string>): Promise<void> {
    const name = `${file.timeline}/${file.name}${COMPRESSED}`;
    if (there.has(name)) return;
    await this.#put(file, name);
    there.add(name);
    const { store, key } = this.#bucket;
    await store.delete(key('wal', `${file.timeline}/${file.name}.partial${COMPRESSED}`));
    this.#brought.delete(file.path);
  }

  async #bringGrown(file: WalFile): Promise<void> {
    const changedAt = (await stat(file.path)).mtimeMs;
    if (this.#brought.get(file.path) === changedAt) return;
    await this.#put(file, `${file.timeline}/${file.name}.partial${COMPRESSED}`);
    this.#brought.set(file.path, changedAt);
  }

  async #put({ path }: WalFile, name: string): Promise<void> {
    const { store, key } = this.#bucket;
    await store.put(key('wal', name), createReadStream(path).pipe(createGzip()), MOST);
  }
}
