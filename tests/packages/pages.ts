/** Pages in a real browser, served from a folder or by a program. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { freePort, waitUntil } from '@messagecore/dev-servers';
import { childEnvironment } from '../../deploy/dev/config.ts';
import { launchChromium } from '../browser/chromium.ts';

export interface Pages {
  /** Opens the page in `folder`, tells it `config`, and gives what it says. */
  serve(folder: string, config: object): Promise<string>;
  /** The same with a page that a program of Node serves. */
  startAndOpen(args: readonly string[], where: Where, config: object): Promise<{ html: string; title: string }>;
  close(): Promise<void>;
}

interface Where {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** Far more than a page needs on a slow machine. */
const PATIENCE_MS = 120_000;

export async function openPages(): Promise<Pages> {
  const browser = await launchChromium();

  /** What the page says in its title, once it says anything. */
  const titleOf = async (address: string, config: object) => {
    const tab = await browser.newPage();
    const errors: string[] = [];
    tab.on('pageerror', (error) => errors.push(String(error)));
    await tab.goto(`${address}#${encodeURIComponent(JSON.stringify(config))}`);
    await tab
      .waitForFunction(
        () => /^(?:said|failed) /.test((globalThis as { document?: { title: string } }).document!.title),
        undefined,
        { timeout: PATIENCE_MS },
      )
      .catch((cause: unknown) => {
        throw new Error(`the page says nothing: ${errors.join('\n')}`, { cause });
      });
    const title = await tab.title();
    await tab.close();
    return title;
  };

  return {
    async serve(folder, config) {
      const server = await serveFolder(folder);
      try {
        return await titleOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, config);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    },
    async startAndOpen(args, { cwd, env }, config) {
      const port = await freePort();
      const more = ['--port', String(port), '--hostname', '127.0.0.1'];
      const child = spawn(process.execPath, [...args, ...more], {
        cwd,
        env: childEnvironment(env),
        stdio: 'ignore',
      });
      const address = `http://127.0.0.1:${port}/`;
      try {
        let html = '';
        await waitUntil(
          'the page',
          async () => {
            html = await fetch(address).then(
              (response) => response.text(),
              () => '',
            );
            return html !== '';
          },
          { timeoutMs: PATIENCE_MS },
        );
        return { html, title: await titleOf(address, config) };
      } finally {
        child.kill();
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }
    },
    close: () => browser.close(),
  };
}

async function serveFolder(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://any').pathname;
    const file = path === '/' ? '/index.html' : path;
    readFile(join(folder, file)).then(
      (content) => response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
