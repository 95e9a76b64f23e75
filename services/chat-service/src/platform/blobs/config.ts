/** Where files are kept, as the settings say. */
import { fileURLToPath } from 'node:url';
import { settings } from '@messagecore/runtime';
import { z } from 'zod';
import type { S3Options } from './s3-blobs.ts';

/** A folder that all processes share, or a bucket. */
export type BlobConfig = { readonly folder: string } | S3Options;

export const blobSettings = {
  BLOBS: z
    .string()
    .regex(/^(?:file:\/\/\/.+|s3:\/\/[\w.-]+)$/, 'must be file:///folder or s3://bucket')
    .optional()
    .describe(
      'where files are kept: `file:///folder`, which all chat-services share, or `s3://bucket`; without it audit logs are not exported. The same for all roles',
    ),
  S3_REGION: z.string().default('us-east-1').describe('region of the bucket'),
  S3_ENDPOINT: settings.urls(['https', 'http']).optional().describe("address of storage that is not Amazon's"),
  S3_ACCESS_KEY_ID: z.string().optional().describe('of the bucket; required for one'),
  S3_SECRET_ACCESS_KEY: z.string().optional().describe('of the bucket; required for one'),
};

type Given = z.output<z.ZodObject<typeof blobSettings>>;

const isBucket = ({ BLOBS }: Given) => BLOBS?.startsWith('s3:') === true;

/** For `superRefine`: a bucket needs who asks for it. */
export function checkBlobs(given: Given, context: z.RefinementCtx): void {
  if (!isBucket(given)) return;
  for (const name of ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const) {
    if (given[name] !== undefined) continue;
    context.addIssue({ code: 'custom', path: [name], message: 'not set, and BLOBS is a bucket' });
  }
}

export function blobConfig(given: Given): BlobConfig | undefined {
  if (given.BLOBS === undefined) return undefined;
  if (!isBucket(given)) return { folder: fileURLToPath(given.BLOBS) };
  const { hostname: bucket } = new URL(given.BLOBS);
  const { S3_REGION: region, S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID = '', S3_SECRET_ACCESS_KEY = '' } = given;
  const keys = { accessKeyId: S3_ACCESS_KEY_ID, secretAccessKey: S3_SECRET_ACCESS_KEY };
  return { bucket, region, ...(endpoint !== undefined && { endpoint }), ...keys };
}
