/** The real nginx with the files of deploy/nginx, in front of a system: only addresses, ports and places of files are replaced. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, waitUntil } from '@messagecore/dev-servers';
import { REPOSITORY } from './compose.ts';
import type { System } from './system.ts';

const FOLDER = join(REPOSITORY, 'deploy/nginx');

const version = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
export const hasNginx = version.status === 0;
/** Part of the name of what is left out. */
export const NEEDS_NGINX = hasNginx ? '' : ' (left out: there is no nginx on this machine)';

export interface Nginx {
  /** `port` of what the configuration calls 8080, 8081 and 8443. */
  readonly ports: Readonly<Record<8080 | 8081 | 8443, number>>;
  /** What it has logged. */
  log(): string;
  stop(): Promise<void>;
}

export interface NginxOptions {
  readonly system: Pick<System, 'gateways' | 'chatServices'>;
  readonly file: 'nginx.conf' | 'nginx-tls.conf';
  /** Instead of texts in the files. */
  readonly replaced?: Readonly<Record<string, string>>;
}

/** @throws Error with the words of nginx when it refuses the configuration, or does not start. */
export async function startNginx({ system, file, replaced = {} }: NginxOptions): Promise<Nginx> {
  const dir = mkdtempSync(join(tmpdir(), 'messagecore-nginx-'));
  const ports = { 8080: await freePort(), 8081: await freePort(), 8443: await freePort() };
  const names = new Map<string, string>([
    ...system.gateways.map(({ url }, i) => [`gateway-${i + 1}:8080`, new URL(url).host] as const),
    ...system.chatServices.map(({ url }, i) => [`chat-service-${i + 1}:8080`, new URL(url).host] as const),
    ...Object.entries(ports).map(([port, own]) => [`listen ${port}`, `listen 127.0.0.1:${own}`] as const),
    ['/tmp/', `${dir}/`],
    // Older ones say it beside the port.
    ...(isOlder(version.stderr) ? Object.entries({ 'http2 on;': '', ' ssl backlog': ' ssl http2 backlog' }) : []),
    ...Object.entries(replaced),
  ]);
  const configuration = join(dir, 'configuration');
  mkdirSync(configuration);
  for (const name of readdirSync(FOLDER)) {
    let text = readFileSync(join(FOLDER, name), 'utf8');
    for (const [from, to] of names) text = text.replaceAll(from, to);
    writeFileSync(join(configuration, name), text);
  }
  const main = join(configuration, file);
  // No pipes for /dev/stdout: those of Node are sockets, which cannot be opened.
  const tested = spawnSync('nginx', ['-t', '-c', main], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (tested.status !== 0) throw new Error(tested.stderr);
  const output = openSync(join(dir, 'output'), 'w');
  const nginx = spawn('nginx', ['-c', main, '-g', 'daemon off;'], { stdio: ['ignore', output, output] });
  closeSync(output);
  const log = () => readFileSync(join(dir, 'output'), 'utf8');
  await waitUntil('nginx', async () => {
    if (nginx.exitCode !== null) throw new Error(log());
    return (await fetch(`http://127.0.0.1:${ports[8080]}/health/simple`).catch(() => undefined))?.ok === true;
  });
  return { ports, log, stop: () => stop(nginx, dir) };
}

async function stop(nginx: ChildProcess, dir: string): Promise<void> {
  nginx.kill('SIGTERM');
  if (nginx.exitCode === null) await once(nginx, 'exit');
  rmSync(dir, { recursive: true, force: true });
}

/** Than 1.25.1, which knows the directive `http2`. */
function isOlder(said: string): boolean {
  const [, major = 0, minor = 0, patch = 0] = /nginx\/(\d+)\.(\d+)\.(\d+)/.exec(said)?.map(Number) ?? [];
  return major < 1 || (major === 1 && (minor < 25 || (minor === 25 && patch < 1)));
}
