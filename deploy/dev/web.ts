import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import type { ReservedPort } from '@messagecore/dev-servers';
import { ERRORS, STATUS } from '@messagecore/protocol';
import { HOST } from './services.ts';

export interface WebOptions {
  readonly reserved: ReservedPort;
  /** The folder of the built page. */
  readonly folder: string;
  /** What `/site.json` answers, with sign-ins made for the one who asks by a key that never leaves this process. */
  readonly site: () => Promise<unknown>;
  /** What `/mails` answers. */
  readonly mails: () => string;
}

export interface WebServer {
  readonly url: string;
  stop(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** By its name, since there are no passkeys on pages of an address. */
export const webAddress = (port: number): string => `http://localhost:${port}`;

/** Vite puts a hash of the contents into the names of these. */
const HASHED = '/assets/';

/**
 * The web client with ready-made sign-ins, for this machine alone: it listens on the loopback address and answers no request
 * that was made for another host's name, so no page of another site gets at the sign-ins.
 */
export async function startWeb({ reserved, ...options }: WebOptions): Promise<WebServer> {
  const own = new Set([`${HOST}:${reserved.port}`, `localhost:${reserved.port}`]);
  const server = createServer((request, response) => {
    if (!own.has(request.headers.host ?? '')) return refuse(response, ERRORS.forbidden.http, 'made for another host');
    answer(request, response, options).catch((error: unknown) => {
      refuse(response, ERRORS.unavailable.http, error instanceof Error ? error.message : String(error));
    });
  });
  await reserved.release();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(reserved.port, HOST, resolve);
  });
  return { url: webAddress(reserved.port), stop: () => close(server) };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { folder, site, mails }: Omit<WebOptions, 'reserved'>,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://own').pathname;
  if (path === '/site.json') return send(response, '.json', Buffer.from(JSON.stringify(await site())), 'no-store');
  if (path === '/mails') return send(response, '.txt', Buffer.from(mails()), 'no-store');
  const file = await readPage(folder, path);
  if (file === undefined) return refuse(response, ERRORS.not_found.http);
  return send(response, file.type, file.body, path.startsWith(HASHED) ? 'max-age=31536000, immutable' : 'no-cache');
}

/**
 * A path without an ending is a place inside the page, which finds its way itself. Undefined when there is no such file;
 * a path that climbs ends at the folder, since it is normalised while it still starts with a slash.
 */
async function readPage(folder: string, path: string): Promise<{ type: string; body: Buffer } | undefined> {
  const type = extname(path);
  if (type === '') return readPage(folder, '/index.html');
  try {
    return { type, body: await readFile(join(folder, normalize(decodeURIComponent(path)))) };
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, type: string, body: Buffer, cacheControl: string): void {
  response.writeHead(STATUS.ok, {
    'content-type': TYPES[type] ?? 'application/octet-stream',
    'content-length': body.length,
    'cache-control': cacheControl,
    'x-content-type-options': 'nosniff',
    // The rest of the policy is in the page itself, where this part has no effect.
    'content-security-policy': "frame-ancestors 'none'",
  });
  response.end(body);
}

function refuse(response: ServerResponse, status: number, why = ''): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${why}\n`);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
