/** One contract, held against a folder and against S3-compatible storage that verifies signatures. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import S3rver from '@20minutes/s3rver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BlobStore } from './blob-store.ts';
import { createDiskBlobs } from './disk-blobs.ts';
import { createS3Blobs } from './s3-blobs.ts';

let folder: string;
const servers: S3rver[] = [];
const stores: Record<string, BlobStore> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'messagecore-blobs-'));
  const strict = await startS3({ allowMismatchedSignatures: false });
  // The server signs the address of a bucket without the slash at its end, which clients of today send: it refuses every
  // list. So lists are asked of a second server over the same files that does not compare signatures.
  const lenient = await startS3({ allowMismatchedSignatures: true });
  stores['disk'] = createDiskBlobs(join(folder, 'disk'));
  stores['s3'] = {
    ...strict,
    list: (prefix) => lenient.list(prefix),
    deleteSome: (prefix) => lenient.deleteSome(prefix),
  };
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await rm(folder, { recursive: true, force: true });
});

async function startS3({ allowMismatchedSignatures }: { allowMismatchedSignatures: boolean }): Promise<BlobStore> {
  const server = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory: join(folder, 's3'),
    configureBuckets: [{ name: 'blobs', configs: [] }],
    allowMismatchedSignatures,
  });
  servers.push(server);
  const { port } = await server.run();
  return s3At(port, 'S3RVER');
}

function s3At(port: number, secretAccessKey: string): BlobStore {
  const endpoint = `http://127.0.0.1:${port}`;
  return createS3Blobs({ bucket: 'blobs', region: 'us-east-1', endpoint, accessKeyId: 'S3RVER', secretAccessKey });
}

async function* pieces(...of: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* of;
}
async function contentOf(store: BlobStore, key: string): Promise<Buffer | undefined> {
  const blob = await store.get(key);
  return blob && buffer(blob.content);
}
async function keysOf(store: BlobStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of store.list(prefix)) keys.push(...page);
  return keys;
}
const BIG = 100 * 1024 * 1024;

describe.each(['disk', 's3'])('%s', (name) => {
  const store = () => stores[name]!;
  const own = () => `${randomUUID()}/file.bin`;

  test('gives back what it was given', async () => {
    const [key, content] = [own(), randomBytes(100_000)];
    expect(await store().put(key, pieces(content.subarray(0, 7), content.subarray(7)), BIG)).toBe(content.length);
    const blob = await store().get(key);
    expect(blob?.bytes).toBe(content.length);
    expect((await buffer(blob!.content)).equals(content)).toBe(true);
  });

  test('takes an empty file, and one of several parts', async () => {
    const [empty, big] = [own(), own()];
    expect(await store().put(empty, pieces(), BIG)).toBe(0);
    expect(await contentOf(store(), empty)).toHaveLength(0);
    const content = randomBytes(11 * 1024 * 1024 + 3);
    await store().put(big, pieces(content.subarray(0, 6_000_000), content.subarray(6_000_000)), BIG);
    expect((await contentOf(store(), big))?.equals(content)).toBe(true);
  });

  test('replaces a file whole', async () => {
    const key = own();
    await store().put(key, pieces(Buffer.from('first, and longer')), BIG);
    await store().put(key, pieces(Buffer.from('second')), BIG);
    expect((await contentOf(store(), key))?.toString()).toBe('second');
  });

  test('knows nothing of a file that was too large, or whose sender failed', async () => {
    const [large, broken] = [own(), own()];
    const endless = (async function* () {
      for (;;) yield Buffer.alloc(1024 * 1024);
    })();
    await expect(store().put(large, endless, 12 * 1024 * 1024)).rejects.toMatchObject({ code: 'too_large' });
    const failing = (async function* () {
      yield Buffer.from('a');
      throw new Error('the sender is gone');
    })();
    await expect(store().put(broken, failing, BIG)).rejects.toThrow('the sender is gone');
    expect(await store().get(large)).toBeUndefined();
    expect(await store().get(broken)).toBeUndefined();
  });

  test('deletes, also what is not there', async () => {
    const key = own();
    await store().put(key, pieces(Buffer.from('x')), BIG);
    await store().delete(key);
    await store().delete(key);
    expect(await store().get(key)).toBeUndefined();
  });

  test('lists what is below a prefix, and nothing of a tenant whose id starts alike', async () => {
    const tid = randomUUID();
    const keys = [`${tid}/a.txt`, `${tid}/deep/b.txt`, `${tid}/deep/er/c.txt`];
    for (const key of [...keys, `${tid}x/d.txt`]) await store().put(key, pieces(Buffer.from('x')), BIG);
    const listed = await keysOf(store(), tid);
    expect(listed.toSorted()).toEqual(keys.toSorted());
    expect(await keysOf(store(), randomUUID())).toEqual([]);
  });

  test('deletes all that is below a prefix, and nothing of a tenant whose id starts alike', async () => {
    const tid = randomUUID();
    const other = `${tid}x/d.txt`;
    for (const key of [`${tid}/a.txt`, `${tid}/deep/er/c.txt`, other]) {
      await store().put(key, pieces(Buffer.from('x')), BIG);
    }
    let deleted = 0;
    for (let some = 1; some > 0; deleted += some) some = await store().deleteSome(tid);
    expect(deleted).toBe(2);
    expect(await keysOf(store(), tid)).toEqual([]);
    expect(await keysOf(store(), `${tid}x`)).toEqual([other]);
    await expect(store().deleteSome('..')).rejects.toThrow('malformed key');
  });

  test.each([
    '',
    '../x',
    'a/../../x',
    '/etc/passwd',
    'a//b',
    '.hidden',
    'a/.writing-x',
    'a\0b',
    'a\\b',
    'x'.repeat(600),
  ])('refuses the key %j', async (key) => {
    await expect(store().put(key, pieces(), BIG)).rejects.toThrow('malformed key');
    await expect((async () => store().get(key))()).rejects.toThrow('malformed key');
  });
});

test('on a disk nothing is left of what was not finished', async () => {
  const tid = randomUUID();
  const failing = (async function* () {
    yield Buffer.alloc(100_000);
    throw new Error('the sender is gone');
  })();
  await expect(stores['disk']!.put(`${tid}/a`, failing, BIG)).rejects.toThrow('the sender is gone');
  expect(await readdir(join(folder, 'disk', tid))).toEqual([]);
});
