import type { BlobStore } from '../../platform/blobs/blob-store.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import { deleteFiles, type Extent } from './export-files.ts';

export const DELETE_EXPORT = 'delete audit export';

/** Deletes the files of an export that has expired. */
export function deleteExport(blobs: BlobStore): JobKind {
  return {
    kind: DELETE_EXPORT,
    effect: (_, { payload }) => deleteFiles(blobs, payload as Extent),
  };
}
