import { open } from 'node:fs/promises';

const CHUNK = 1024 ** 2;

/**
 * How many bytes of a file come before the zeros at its end. A segment of WAL has its full size from the beginning, filled up with
 * zeros; of two copies that one has more of the WAL of which more is filled.
 */
export async function filledBytes(path: string): Promise<number> {
  const file = await open(path);
  try {
    const chunk = Buffer.alloc(CHUNK);
    for (let end = (await file.stat()).size; end > 0;) {
      const start = Math.max(0, end - CHUNK);
      const { bytesRead } = await file.read(chunk, 0, end - start, start);
      const last = chunk.subarray(0, bytesRead).findLastIndex((byte) => byte !== 0);
      if (last >= 0) return start + last + 1;
      end = start;
    }
    return 0;
  } finally {
    await file.close();
  }
}
