import type { BlobStore } from './blob-store.ts';
import type { BlobConfig } from './config.ts';

/** Loads what the place needs and nothing else. */
export async function openBlobs(config: BlobConfig): Promise<BlobStore> {
  if ('folder' in config) return (await import('./disk-blobs.ts')).createDiskBlobs(config.folder);
  return (await import('./s3-blobs.ts')).createS3Blobs(config);
}
