/** Where the gateway's server listens. */
import type { Server } from 'node:http';

export function listen(http: Server, { port, host }: { readonly port: number; readonly host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, resolve);
  });
}

export async function closeHttp(http: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeAllConnections();
  await closed;
}

export function addressOf(http: Server, host: string): { url: string; port: number } {
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return { url: `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`, port: address.port };
}
