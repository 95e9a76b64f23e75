import { statfs } from 'node:fs/promises';
import type { Installation } from '../config.ts';
import { messageOf } from '../output/errors.ts';
import { fault, type Finding, well } from './finding.ts';

/** Less free than this share, or than this many bytes, is nearly full. */
const LEAST_SHARE = 0.1;
const LEAST_BYTES = 1024 ** 3;

/** Folders of this machine that are written to: files of tenants, and backups. */
export async function checkDisks({ settings, backup }: Pick<Installation, 'settings' | 'backup'>) {
  const blobs = 'port' in settings ? settings.blobs : undefined;
  const folders = [
    ...(blobs !== undefined && 'folder' in blobs ? [['files of BLOBS', blobs.folder] as const] : []),
    ...(backup === undefined ? [] : [['backups', backup] as const]),
  ];
  return Promise.all(folders.map(([what, folder]) => checkDisk(what, folder)));
}

async function checkDisk(what: string, folder: string): Promise<Finding> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    const free = `${(100 * bavail) / blocks < 1 ? '<1' : Math.floor((100 * bavail) / blocks)} %`;
    const said = `${folder} (${what}) has ${gibibytes(bavail * bsize)} GiB free, ${free}`;
    if (bavail / blocks >= LEAST_SHARE && bavail * bsize >= LEAST_BYTES) return well('disks', said);
    return fault('disks', 'disk-full', said, 'make room, or enlarge the disk; mc backup --keep removes old backups');
  } catch (error) {
    return fault('disks', 'disk-missing', `${folder} (${what}): ${messageOf(error)}`, 'make the folder, or mount it');
  }
}

const gibibytes = (bytes: number) => (bytes / 1024 ** 3).toFixed(1);
