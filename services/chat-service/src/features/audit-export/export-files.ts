/** Where an export is kept. */
import type { BlobStore } from '../../platform/blobs/blob-store.ts';

/** Entries of one part: some megabytes, written in one run of the saga and read in one answer. */
export const PART_ENTRIES = 10_000;
export const EXPIRES_AFTER_MS = 7 * 24 * 60 * 60_000;

/** The entries of a tenant's log from 1 to `upTo`. To ask for an export is an entry too, so no two have the same end. */
export interface Extent {
  readonly tid: string;
  readonly upTo: number;
}

/** Parts are counted from 1. */
export const keyOfPart = ({ tid, upTo }: Extent, part: number) => `${tid}/audit-exports/${upTo}/${part}.ndjson`;

export const partsOf = ({ upTo }: Pick<Extent, 'upTo'>) => Math.ceil(upTo / PART_ENTRIES);

/** Deleting what is not there does nothing. */
export async function deleteFiles(blobs: BlobStore, extent: Extent): Promise<void> {
  for (let part = 1; part <= partsOf(extent); part += 1) await blobs.delete(keyOfPart(extent, part));
}
