/** Backups in S3-compatible storage: what goes there comes back, in pieces, after a pause, and no longer than it is kept. */
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type S3Server, startS3 } from '../../services/chat-service/test/s3-server.ts';
import {
  type Bucket,
  keysBelow,
  listBucket,
  openBucket,
  pruneBucket,
  readSmall,
} from '../../services/mc/src/backup/bucket.ts';
import { bringHistories, download, uploadBase } from '../../services/mc/src/backup/copy-base.ts';
import { WalCopy } from '../../services/mc/src/backup/copy-wal.ts';
import { type BaseBackup, dataFolder, listBackups, walFolder } from '../../services/mc/src/backup/folder.ts';
import { listTimelines } from '../../services/mc/src/backup/timelines.ts';
import { readInstallation } from '../../services/mc/src/config.ts';
import { testFolder } from './installation.ts';

let server: S3Server;
let bucket: Bucket;
let folder: string;
let s3Folder: string;

beforeEach(async () => {
  s3Folder = join(testFolder(), 's3');
  server = await startS3(s3Folder, ['backups']);
  onTestFinished(() => server.stop().catch(() => {}));
  bucket = await openBucket(settingsAt(server));
  folder = testFolder();
});

const settingsAt = ({ endpoint, accessKeyId, secretAccessKey }: S3Server) => ({
  ...{ bucket: 'backups', prefix: ['of', 'tests'], region: 'us-east-1', endpoint, accessKeyId, secretAccessKey },
});

const segment = (number: number, timeline = 1) => `0000000${timeline}000000000000000${number}`;
const place = (number: number) => segment(number).slice(8);

function takeBase(id: string, first: number, bytes = 300_000): BaseBackup {
  const data = dataFolder(folder, id);
  for (const empty of ['pg_notify', 'base/1']) mkdirSync(join(data, empty), { recursive: true });
  writeFileSync(join(data, 'base/1/1259'), randomBytes(bytes));
  writeFileSync(join(data, 'PG_VERSION'), '18\n');
  chmodSync(join(data, 'PG_VERSION'), 0o600);
  return { id, endedAt: `2026-11-30T0${first}:00:00.000Z`, bytes: bytes + 3, firstWal: place(first) };
}

function writeWal(name: string, text: string | Buffer, timeline = '00000001'): void {
  mkdirSync(walFolder(folder, timeline), { recursive: true });
  writeFileSync(join(walFolder(folder, timeline), name), text);
}

test('a backup goes there in pieces, and comes back into an empty folder with the WAL since then', async () => {
  const backup = takeBase('a', 2);
  await uploadBase(bucket, folder, backup, 100_000);
  expect([...(await keysBelow(bucket, 'base', 'a'))].sort()).toEqual([
    'backup.json',
    ...['data.tar.gz.0000', 'data.tar.gz.0001', 'data.tar.gz.0002', 'data.tar.gz.0003'],
  ]);
  for (const number of [1, 2, 3]) writeWal(segment(number), `WAL ${number}`);
  writeWal(`${segment(4)}.partial`, 'WAL 4, so far');
  writeWal('00000002.history', 'a history');
  await new WalCopy(bucket, folder).step();

  const elsewhere = testFolder();
  await download(bucket, elsewhere, backup);
  expect(await listBackups(elsewhere)).toEqual([backup]);
  const [from, to] = [dataFolder(folder, 'a'), dataFolder(elsewhere, 'a')];
  expect(readdirSync(to, { recursive: true }).sort()).toEqual(readdirSync(from, { recursive: true }).sort());
  expect(readFileSync(join(to, 'base/1/1259')).equals(readFileSync(join(from, 'base/1/1259')))).toBe(true);
  expect(statSync(join(to, 'PG_VERSION')).mode & 0o777).toBe(0o600);
  const wal = walFolder(elsewhere, '00000001');
  expect(readdirSync(wal).sort()).toEqual([segment(2), segment(3), `${segment(4)}.partial`, '00000002.history'].sort());
  expect(readFileSync(join(wal, `${segment(4)}.partial`), 'utf8')).toBe('WAL 4, so far');
});

test('histories of timelines come alone, so that a backup can be chosen by them', async () => {
  writeWal(segment(3), 'WAL');
  writeWal('00000002.history', '1\t0/3000060\tno recovery target specified\n', '00000002');
  await new WalCopy(bucket, folder).step();
  const elsewhere = testFolder();
  await bringHistories(bucket, elsewhere);
  expect(readdirSync(join(elsewhere, 'wal'))).toEqual(['00000002']);
  expect(await listTimelines(elsewhere)).toEqual([{ number: 2, leftAt: new Map([[1, 0x3000060n]]) }]);
});

test('a backup that did not get there whole is none', async () => {
  const backup = takeBase('a', 2);
  await bucket.store.put(bucket.key('base', 'a', 'data.tar.gz.0000'), Readable.from([Buffer.from('half')]), 100);
  expect(await listBucket(bucket)).toEqual([]);
  await expect(download(bucket, testFolder(), backup)).rejects.toThrow(/tar ended|EPIPE/);
});

/** The bucket of a storage that is stopped before what is asked of it for the second time. */
function stoppedBefore(method: 'put' | 'get'): Bucket {
  let calls = 0;
  const stopping = async () => {
    calls += 1;
    if (calls === 2) await server.stop();
  };
  const { store } = bucket;
  const put: typeof store.put = async (...args) => (await stopping(), store.put(...args));
  const get: typeof store.get = async (...args) => (await stopping(), store.get(...args));
  return { ...bucket, store: { ...store, ...(method === 'put' ? { put } : { get }) } };
}

const FROM_STORAGE = /^the storage: .*(ECONN|socket hang up)/;

test('an upload that fails tells what the storage said, and leaves no tar that waits', async () => {
  const backup = takeBase('a', 2, 3_000_000);
  await expect(uploadBase(stoppedBefore('put'), folder, backup, 100_000)).rejects.toThrow(FROM_STORAGE);
  await expect.poll(() => process.getActiveResourcesInfo()).not.toContain('ProcessWrap');
});

test('a download that fails tells what the storage said; the next one begins anew, whatever was left', async () => {
  const backup = takeBase('a', 2);
  await uploadBase(bucket, folder, backup, 100_000);
  const elsewhere = testFolder();
  const { port } = new URL(server.endpoint);
  await expect(download(stoppedBefore('get'), elsewhere, backup)).rejects.toThrow(FROM_STORAGE);
  expect(readdirSync(join(elsewhere, 'base', 'a'))).toEqual([]);
  server = await startS3(s3Folder, ['backups'], Number(port));

  // What a process that was killed leaves: of this version, and of one that unpacked in place.
  for (const left of ['data', 'data.part']) {
    mkdirSync(join(elsewhere, 'base', 'a', left), { recursive: true });
    writeFileSync(join(elsewhere, 'base', 'a', left, 'half'), 'of it');
  }
  await download(bucket, elsewhere, backup);
  expect(readdirSync(dataFolder(elsewhere, 'a')).sort()).toEqual(readdirSync(dataFolder(folder, 'a')).sort());
  expect(readdirSync(join(elsewhere, 'base', 'a')).sort()).toEqual(['backup.json', 'data']);
});

test('of a segment that was being written the copy with more in it comes back, and stays', async () => {
  const backup = takeBase('a', 2);
  await uploadBase(bucket, folder, backup);
  const filled = (text: string) => Buffer.concat([Buffer.from(text), Buffer.alloc(2_000_000 - text.length)]);
  const partial = `${segment(4)}.partial`;
  writeWal(partial, filled('WAL 4, some'));
  await new WalCopy(bucket, folder).step();
  const elsewhere = testFolder();
  await download(bucket, elsewhere, backup);
  const text = () => readFileSync(join(walFolder(elsewhere, '00000001'), partial), 'utf8').replaceAll('\0', '');
  writeWal(partial, filled('WAL 4, some more'));
  await new WalCopy(bucket, folder).step();
  await download(bucket, elsewhere, backup);
  expect(text()).toBe('WAL 4, some more');
  writeFileSync(join(walFolder(elsewhere, '00000001'), partial), filled('WAL 4, some more than there'));
  await download(bucket, elsewhere, backup);
  expect(text()).toBe('WAL 4, some more than there');
  expect(readdirSync(walFolder(elsewhere, '00000001'))).toEqual([partial]);
});

test('the WAL follows after a pause of the storage; a segment that grows is brought again, and replaced by the full one', async () => {
  const copy = new WalCopy(bucket, folder);
  writeWal(`${segment(1)}.partial`, 'some');
  await copy.step();
  expect(await keysBelow(bucket, 'wal')).toEqual([`00000001/${segment(1)}.partial.gz`]);
  const [before] = [await readSmall(bucket, 'wal', '00000001', `${segment(1)}.partial.gz`)];
  writeWal(`${segment(1)}.partial`, 'some more');
  await copy.step();
  expect(await readSmall(bucket, 'wal', '00000001', `${segment(1)}.partial.gz`)).not.toEqual(before);

  const port = new URL(server.endpoint).port;
  await server.stop();
  const wal = walFolder(folder, '00000001');
  renameSync(join(wal, `${segment(1)}.partial`), join(wal, segment(1)));
  await expect(copy.step()).rejects.toThrow(/ECONN|socket hang up/);
  server = await startS3(join(testFolder(), 'another'), ['backups'], Number(port));
  writeWal(`${segment(2)}.partial`, 'next');
  await copy.step();
  expect([...(await keysBelow(bucket, 'wal'))].sort()).toEqual(
    [`00000001/${segment(1)}.gz`, `00000001/${segment(2)}.partial.gz`].sort(),
  );
});

test('a segment that is gone before it is read fails one step, and the next one brings the rest', async () => {
  for (const number of [1, 2]) writeWal(segment(number), 'WAL');
  const { store } = bucket;
  const put: typeof store.put = (...args) => {
    rmSync(join(walFolder(folder, '00000001'), segment(1)), { force: true });
    return store.put(...args);
  };
  const copy = new WalCopy({ ...bucket, store: { ...store, put } }, folder);
  await expect(copy.step()).rejects.toThrow('ENOENT');
  await copy.step();
  expect(await keysBelow(bucket, 'wal')).toEqual([`00000001/${segment(2)}.gz`]);
});

test('a segment that was brought in full is not remembered as one that is being written', async () => {
  const copy = new WalCopy(bucket, folder);
  const wal = walFolder(folder, '00000001');
  const partial = `${segment(1)}.partial`;
  const moment = new Date('2026-11-30T00:00:00Z');
  const write = () => {
    writeWal(partial, 'some');
    utimesSync(join(wal, partial), moment, moment);
  };
  write();
  await copy.step();
  renameSync(join(wal, partial), join(wal, segment(1)));
  await copy.step();
  write();
  await copy.step();
  expect(await readSmall(bucket, 'wal', '00000001', `${partial}.gz`)).toBeDefined();
});

/** By id, the number of the segment with which each begins. */
async function uploadBases(firsts: Readonly<Record<string, number>>): Promise<void> {
  for (const [id, first] of Object.entries(firsts)) await uploadBase(bucket, folder, takeBase(id, first));
}

test('the newest backups stay there, with the WAL from the first of them on', async () => {
  await uploadBases({ a: 1, b: 3, c: 5 });
  for (const number of [1, 2, 3, 4]) writeWal(segment(number), 'WAL');
  writeWal('00000002.history', 'a history');
  await new WalCopy(bucket, folder).step();
  await bucket.store.put(bucket.key('base', 'b-half', 'data.tar.gz.0000'), Readable.from([Buffer.from('half')]), 100);
  await pruneBucket(bucket, 2);
  expect(await keysBelow(bucket, 'base', 'b-half')).toEqual([]);
  expect((await listBucket(bucket)).map(({ id }) => id)).toEqual(['b', 'c']);
  expect(await keysBelow(bucket, 'base', 'a')).toEqual([]);
  expect([...(await keysBelow(bucket, 'wal'))].sort()).toEqual(
    [segment(3), segment(4), '00000002.history'].map((name) => `00000001/${name}.gz`).sort(),
  );
});

test('the WAL of a newer backup stays there that begins before an older one, after a restoration to an earlier moment', async () => {
  await uploadBases({ a: 1, b: 5, c: 3 });
  for (const number of [2, 3]) writeWal(segment(number), 'WAL');
  writeWal(segment(3, 2), 'WAL', '00000002');
  writeWal(`${segment(4, 2)}.partial`, 'WAL', '00000002');
  await new WalCopy(bucket, folder).step();
  await pruneBucket(bucket, 2);
  expect([...(await keysBelow(bucket, 'wal'))].sort()).toEqual([
    `00000001/${segment(3)}.gz`,
    `00000002/${segment(3, 2)}.gz`,
    `00000002/${segment(4, 2)}.partial.gz`,
  ]);
});

test.each([
  [{ MC_BACKUP_BUCKET: 'backups' }, 'must be as s3://bucket/folder'],
  [{ MC_BACKUP_BUCKET: 's3://backups/../x' }, 'must be as s3://bucket/folder'],
  [{ MC_BACKUP_BUCKET: 's3://backups', S3_ACCESS_KEY_ID: 'x' }, 'S3_SECRET_ACCESS_KEY is not set'],
])('%j is refused', (env, why) => expect(() => readInstallation({}, env)).toThrow(why));
