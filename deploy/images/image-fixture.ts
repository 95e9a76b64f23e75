/** A small root folder as an image has it, with the lock file that it was made of, for tests. */
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Lock } from '../docker/production-manifests.ts';

const INTEGRITY = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;

export const FIXTURE_LOCK: Lock = {
  name: 'product',
  version: '1.0.0',
  packages: {
    'node_modules/@product/kernel': { link: true, resolved: 'libs/kernel' },
    'libs/kernel': { version: '1.0.0' },
    'services/greeter': { version: '1.0.0', dependencies: { '@product/kernel': '1.0.0', polite: '2.1.0' } },
    'node_modules/polite': { version: '2.1.0', integrity: INTEGRITY, dependencies: { '@words/list': '^3' } },
    'node_modules/polite/node_modules/@words/list': { version: '3.0.0' },
    'node_modules/@words/list': { version: '1.0.0', dev: true },
    'node_modules/elsewhere': { version: '1.0.0', optional: true },
  },
};

const FILES: Readonly<Record<string, string>> = {
  'app/package.json': '{"name":"product","version":"1.0.0"}',
  'app/services/greeter/package.json': '{"name":"@product/greeter","version":"1.0.0","license":"Apache-2.0"}',
  'app/services/greeter/src/main.ts': 'export {};\n',
  'app/libs/kernel/package.json': '{"name":"@product/kernel","version":"1.0.0","license":"Apache-2.0"}',
  'app/node_modules/polite/package.json': '{"name":"polite","version":"2.1.0","license":"(MIT OR Apache-2.0)"}',
  'app/node_modules/polite/index.js': 'first\nhello\nlast\n',
  'app/node_modules/polite/node_modules/@words/list/package.json': '{"name":"@words/list","version":"3.0.0"}',
  'etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
  'usr/local/bin/node': 'binary\0https://nodejs.org/download/release/v24.21.0/node-v24.21.0.tar.gz\0binary',
  'var/lib/dpkg/status': [
    'Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nSource: glibc (2.36)\nVersion: 2.36-9',
    'Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1.0',
    '',
  ].join('\n\n'),
};

/** A new folder with it. */
export function makeFixture(): string {
  const root = mkdtempSync(join(tmpdir(), 'messagecore-root-'));
  for (const [path, text] of Object.entries(FILES)) addFile(root, path, text);
  mkdirSync(join(root, 'app/node_modules/@product'));
  symlinkSync('../../libs/kernel', join(root, 'app/node_modules/@product/kernel'));
  return root;
}

export function addFile(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
