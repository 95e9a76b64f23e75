import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type BlobStore, checkKey } from './blob-store.ts';
import { bounded } from './bounded.ts';

/** Of files that are being written. A segment of a key never starts with a dot. */
const UNFINISHED = '.writing-';

/** Keeps blobs as files below a folder. A file appears under its key when all of it is on the disk. */
export function createDiskBlobs(folder: string): BlobStore {
  const pathOf = (key: string) => join(folder, checkKey(key));
  return {
    async put(key, content, maxBytes) {
      const path = pathOf(key);
      await mkdir(dirname(path), { recursive: true });
      const unfinished = join(dirname(path), UNFINISHED + randomUUID());
      let bytes = 0;
      try {
        const count = (more: number) => (bytes += more);
        // `flush` waits until the file's content is on the disk: a name without content must not survive a crash.
        await pipeline(bounded(content, maxBytes, count), createWriteStream(unfinished, { flush: true, mode: 0o600 }));
        await rename(unfinished, path);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
      return bytes;
    },
    async get(key) {
      const file = await open(pathOf(key)).catch(ignoreMissing);
      if (file === undefined) return undefined;
      const { size } = await file.stat();
      return { bytes: size, content: Readable.from(file.createReadStream()) };
    },
    async delete(key) {
      await rm(pathOf(key), { force: true });
    },
    async deleteSome(prefix) {
      let files = 0;
      for await (const keys of below(folder, checkKey(prefix))) files += keys.length;
      // With its folders, and with what is not finished.
      await rm(join(folder, prefix), { recursive: true, force: true });
      return files;
    },
    async *list(prefix) {
      yield* below(folder, checkKey(prefix));
    },
  };
}

async function* below(folder: string, key: string): AsyncGenerator<readonly string[]> {
  const info = await stat(join(folder, key)).catch(ignoreMissing);
  if (info === undefined) return;
  if (info.isFile()) return void (yield [key]);
  const entries = await readdir(join(folder, key), { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith(UNFINISHED));
  if (files.length > 0) yield files.map(({ name }) => `${key}/${name}`);
  for (const entry of entries) if (entry.isDirectory()) yield* below(folder, `${key}/${entry.name}`);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  return undefined;
}
