import S3rver from '@20minutes/s3rver';

export interface S3Server {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  stop(): Promise<void>;
}

/**
 * S3-compatible storage in a folder, with these buckets. It signs the address of a list in another way than clients of today do, so
 * that it is told not to compare signatures.
 */
export async function startS3(directory: string, buckets: readonly string[], port = 0): Promise<S3Server> {
  const server = new S3rver({
    ...{ port, address: '127.0.0.1', silent: true, directory, allowMismatchedSignatures: true },
    configureBuckets: buckets.map((name) => ({ name, configs: [] })),
  });
  const { port: own } = await server.run();
  return {
    ...{ endpoint: `http://127.0.0.1:${own}`, accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    stop: () => server.close(),
  };
}
