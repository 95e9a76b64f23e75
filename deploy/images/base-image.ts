/**
 * A base image for where no registry of images is reached: a small Debian, the Node of this repository's packages, and npm of the
 * version that it asks for. It stands in for node:…-bookworm-slim, with the same user and the same places.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '@messagecore/dev-servers';
import { follow, output, tryCommand } from './command.ts';
import { build, type Engine } from './engine.ts';

const MADE_BASE = 'localhost/messagecore/node';
const SUITE = 'bookworm';
/** What that Debian has of PostgreSQL. */
export const MADE_BASE_ARGS = [`NODE_IMAGE=${MADE_BASE}`, 'PGDG=no', 'POSTGRES=15'] as const;

const DOCKERFILE = `FROM scratch
ADD root.tar /
COPY usr /usr
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home --shell /bin/bash node && rm -rf /var/lib/apt/lists/*
CMD ["node"]
`;

/** @throws Error when a tool is missing, or with its last lines. */
export async function makeBase(
  engine: Engine,
  repository: string,
  network: string | undefined,
  log: Log,
): Promise<void> {
  if (tryCommand('mmdebstrap', ['--version']).status !== 0)
    throw new Error('--make-base needs mmdebstrap: apt-get install mmdebstrap');
  const { packageManager } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    packageManager: string;
  };
  const dir = mkdtempSync(join(tmpdir(), 'messagecore-base-'));
  try {
    const [bin, lib] = [join(dir, 'usr/local/bin'), join(dir, 'usr/local/lib/node_modules')];
    for (const folder of [bin, lib]) mkdirSync(folder, { recursive: true });
    cpSync(join(repository, 'node_modules/node/bin/node'), join(bin, 'node'));
    output('npm', ['pack', '--silent', '--pack-destination', dir, packageManager]);
    const archive = readdirSync(dir).find((name) => name.endsWith('.tgz')) ?? '';
    output('tar', ['-xzf', join(dir, archive), '-C', lib]);
    output('mv', [join(lib, 'package'), join(lib, 'npm')]);
    for (const name of ['npm', 'npx'])
      output('ln', ['-s', `../lib/node_modules/npm/bin/${name}-cli.js`, join(bin, name)]);
    await follow('mmdebstrap', ['--variant=minbase', SUITE, join(dir, 'root.tar')], log);
    writeFileSync(join(dir, 'Dockerfile'), DOCKERFILE);
    const dockerfile = join(dir, 'Dockerfile');
    await build(engine, { dockerfile, context: dir, tag: MADE_BASE, buildArgs: [], secrets: {}, network }, log);
  } finally {
    if (existsSync(dir)) rmSync(dir, { recursive: true, force: true });
  }
}
