/**
 * The same as in the folder of backups (folder.ts), in S3-compatible storage: `base/<id>/data.tar.gz.0000`, `.0001` and so on, with
 * `backup.json` when all of them are there, and `wal/<timeline>/<segment>.gz`.
 */
import { buffer } from 'node:stream/consumers';
import { type BlobStore, openBlobs } from '@messagecore/chat-service/operator';
import type { BucketSettings } from '../config.ts';
import { type BaseBackup, firstNeeded } from './folder.ts';

export interface Bucket {
  readonly store: BlobStore;
  /** The key of what is there under these names. */
  readonly key: (...names: readonly string[]) => string;
}

export async function openBucket({ prefix, ...options }: BucketSettings): Promise<Bucket> {
  return { store: await openBlobs(options), key: (...names) => [...prefix, ...names].join('/') };
}

/** Names below these. */
export async function keysBelow({ store, key }: Bucket, ...names: readonly string[]): Promise<readonly string[]> {
  const below = key(...names);
  const found: string[] = [];
  for await (const page of store.list(below)) found.push(...page.map((each) => each.slice(below.length + 1)));
  return found;
}

/** What is small. Undefined when there is none. */
export async function readSmall({ store, key }: Bucket, ...names: readonly string[]): Promise<Buffer | undefined> {
  const blob = await store.get(key(...names));
  return blob && buffer(blob.content);
}

/** Finished backups, oldest first. */
export async function listBucket(bucket: Bucket): Promise<readonly BaseBackup[]> {
  const found: BaseBackup[] = [];
  for (const name of await keysBelow(bucket, 'base')) {
    const [id = '', file] = name.split('/');
    if (file !== 'backup.json') continue;
    const text = await readSmall(bucket, 'base', id, file);
    if (text !== undefined) found.push(JSON.parse(text.toString('utf8')) as BaseBackup);
  }
  return found.sort((a, b) => a.id.localeCompare(b.id));
}

/** Deletes all but the newest `keep` backups, what is left of older ones that are not whole, and the WAL that only these needed. */
export async function pruneBucket(bucket: Bucket, keep: number): Promise<void> {
  const { store, key } = bucket;
  const backups = await listBucket(bucket);
  const old = backups.slice(0, Math.max(0, backups.length - keep));
  const newest = backups.at(-1)?.id ?? '';
  const stay = backups.slice(old.length);
  const kept = new Set(stay.map(({ id }) => id));
  const there = new Set((await keysBelow(bucket, 'base')).map((name) => name.split('/')[0] ?? ''));
  for (const id of [...there].filter((each) => each < newest && !kept.has(each))) {
    // What is deleted in part must not look finished.
    await store.delete(key('base', id, 'backup.json'));
    while ((await store.deleteSome(key('base', id))) > 0);
  }
  const first = firstNeeded(stay.map(({ firstWal }) => firstWal));
  if (first === undefined || old.length === 0) return;
  for (const name of await keysBelow(bucket, 'wal')) {
    const place = placeOf(name);
    if (place !== undefined && place < first) await store.delete(key('wal', name));
  }
}

/** Of `<timeline>/<segment>…`, the segment without its timeline; undefined of a timeline's history. */
export function placeOf(name: string): string | undefined {
  return /^[\dA-F]{8}\/[\dA-F]{8}([\dA-F]{16})/.exec(name)?.[1];
}
