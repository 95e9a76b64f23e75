import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
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
  /** By timeline and name, when a segment that is being written was last brought: its time of change. */
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
    const segment = segmentOf(file);
    const name = `${segment}${COMPRESSED}`;
    if (there.has(name)) return;
    await this.#put(file, name);
    there.add(name);
    const { store, key } = this.#bucket;
    await store.delete(key('wal', `${segment}.partial${COMPRESSED}`));
    this.#brought.delete(segment);
  }

  async #bringGrown(file: WalFile): Promise<void> {
    const segment = segmentOf(file);
    const changedAt = (await stat(file.path)).mtimeMs;
    if (this.#brought.get(segment) === changedAt) return;
    await this.#put(file, `${segment}.partial${COMPRESSED}`);
    this.#brought.set(segment, changedAt);
  }

  async #put({ path }: WalFile, name: string): Promise<void> {
    const { store, key } = this.#bucket;
    // An error of the file reaches the storage through the stream, which fails; the callback has nothing to add.
    const content = pipeline(createReadStream(path), createGzip(), () => {});
    try {
      await store.put(key('wal', name), content, MOST);
    } finally {
      content.destroy();
    }
  }
}

/** The same while it is being written and when it is full. */
const segmentOf = ({ timeline, name }: WalFile) => `${timeline}/${name}`;
