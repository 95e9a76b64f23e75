import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type BlobStore, checkKey } from './blob-store.ts';
import { bounded } from './bounded.ts';

export interface S3Options {
  readonly bucket: string;
  readonly region: string;
  /** Of storage that is not Amazon's. */
  readonly endpoint?: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Bytes in memory for one upload: the smallest part that S3 takes. */
const PART_BYTES = 5 * 1024 * 1024;

/** Keeps blobs in a bucket. Small files are one request; larger ones are uploaded in parts, one at a time. */
export function createS3Blobs({ bucket, region, endpoint, accessKeyId, secretAccessKey }: S3Options): BlobStore {
  const client = new S3Client({
    region,
    credentials: { accessKeyId, secretAccessKey },
    // Storage that is not Amazon's often knows neither buckets as host names nor checksums beside the signature.
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
  });
  const at = (key: string) => ({ Bucket: bucket, Key: checkKey(key) });
  return {
    async put(key, content, maxBytes) {
      let bytes = 0;
      const parts = partsOf(bounded(content, maxBytes, (more) => (bytes += more)));
      const first = await parts.next();
      const body = first.done === true ? Buffer.alloc(0) : first.value;
      if (body.length < PART_BYTES) await client.send(new PutObjectCommand({ ...at(key), Body: body }));
      else await uploadParts(client, at(key), body, parts);
      return bytes;
    },
    async get(key) {
      try {
        const { Body, ContentLength } = await client.send(new GetObjectCommand(at(key)));
        return { bytes: ContentLength ?? 0, content: Body instanceof Readable ? Body : Readable.from([]) };
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    async delete(key) {
      await client.send(new DeleteObjectCommand(at(key)));
    },
    async deleteSome(prefix) {
      const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `${checkKey(prefix)}/` }));
      const keys = (page.Contents ?? []).map(({ Key = '' }) => Key);
      for (const Key of keys) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
      return keys.length;
    },
    async *list(prefix) {
      const base = { Bucket: bucket, Prefix: checkKey(prefix) };
      let token: string | undefined;
      do {
        const next = token === undefined ? {} : { ContinuationToken: token };
        const page = await client.send(new ListObjectsV2Command({ ...base, ...next }));
        // S3 compares text: `a` is also a prefix of `ab/file`.
        const keys = (page.Contents ?? []).map(({ Key = '' }) => Key);
        yield keys.filter((key) => key === prefix || key.startsWith(`${prefix}/`));
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },
  };
}

async function uploadParts(
  client: S3Client,
  at: { Bucket: string; Key: string },
  first: Buffer,
  rest: AsyncIterable<Buffer>,
): Promise<void> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  const upload = { ...at, UploadId };
  const parts: { ETag: string | undefined; PartNumber: number }[] = [];
  const send = async (body: Buffer) => {
    const PartNumber = parts.length + 1;
    const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body: body }));
    parts.push({ ETag, PartNumber });
  };
  try {
    await send(first);
    for await (const part of rest) await send(part);
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } }));
  } catch (error) {
    // Parts that are not aborted take room without being seen. When this fails too, a lifecycle rule of the bucket that
    // ends unfinished uploads removes them; the error that matters is the first one.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

/** Pieces of `PART_BYTES`, the last one smaller. */
async function* partsOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    waiting.push(chunk);
    bytes += chunk.length;
    while (bytes >= PART_BYTES) {
      const all = Buffer.concat(waiting);
      yield all.subarray(0, PART_BYTES);
      waiting = [all.subarray(PART_BYTES)];
      bytes -= PART_BYTES;
    }
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}
