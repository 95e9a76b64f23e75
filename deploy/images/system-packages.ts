/** Packages of the base image's system, and its Node, as far as they can be read from files. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { textAt } from './root-folder.ts';

export interface SystemPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** What it was built of, when that is called otherwise. */
  readonly source: string | undefined;
}

export interface SystemRelease {
  /** `debian` */
  readonly id: string;
  readonly version: string;
  readonly codename: string;
}

/** What dpkg says is installed. Empty for a system without dpkg. */
export function debianPackages(root: string): SystemPackage[] {
  return (textAt(root, 'var/lib/dpkg/status') ?? '')
    .split(/\n\n+/)
    .flatMap((stanza) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1];
      const [name, version] = [field('Package'), field('Version')];
      if (name === undefined || version === undefined || field('Status') !== 'install ok installed') return [];
      const source = field('Source')?.split(' ', 1)[0];
      return [{ name, version, architecture: field('Architecture') ?? 'all', source }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function releaseOf(root: string): SystemRelease | undefined {
  const text = textAt(root, 'etc/os-release') ?? textAt(root, 'usr/lib/os-release');
  if (text === undefined) return undefined;
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  return { id: field('ID'), version: field('VERSION_ID'), codename: field('VERSION_CODENAME') };
}

/** The version of Node that is installed, which it has in its program as the address of its sources. */
export function nodeVersion(root: string, program = 'usr/local/bin/node'): string | undefined {
  const file = join(root, program);
  if (!existsSync(file)) return undefined;
  return /node-v(\d+\.\d+\.\d+)\.tar\.gz/.exec(readFileSync(file).toString('latin1'))?.[1];
}
