/** Files that are the same for everybody: made once, kept as one buffer that all answers share, and cached by clients. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { STATUS } from '@messagecore/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';

interface CachedFile {
  readonly plain: Buffer;
  readonly packed: Buffer;
  readonly etag: string;
}

const compress = promisify(gzip);

async function compressed(content: string): Promise<CachedFile> {
  const plain = Buffer.from(content);
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { plain, packed: await compress(plain), etag };
}

/** Serves the text that `read` gives when it is first asked for. */
export function sharedFile(read: () => string, type: string, cacheSeconds: number) {
  let cached: Promise<CachedFile> | undefined;

  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    cached ??= compressed(read());
    const { plain, packed, etag } = await cached;
    reply.headers({ 'cache-control': `public, max-age=${cacheSeconds}`, vary: 'accept-encoding', etag });
    if (namesTag(request.headers['if-none-match'], etag)) return reply.code(STATUS.notModified).send();
    reply.type(type);
    if (!acceptsGzip(request.headers['accept-encoding'])) return reply.send(plain);
    return reply.header('content-encoding', 'gzip').send(packed);
  };
}

function namesTag(header: string | undefined, etag: string): boolean {
  return header?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag) ?? false;
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(header ?? ''));
}
