import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from './compose.ts';

export interface Certificates {
  readonly dir: string;
  /** The authority's certificate, in PEM. */
  readonly ca: string;
  /** Path of one of the files. */
  file(name: string): string;
  remove(): void;
}

/** What `deploy/docker/make-certificates.sh` makes, for nginx under the given names. Anybody of this machine may read it. */
export function makeCertificates(...names: readonly string[]): Certificates {
  const dir = mkdtempSync(join(tmpdir(), 'messagecore-certificates-'));
  execFileSync(join(REPOSITORY, 'deploy/docker/make-certificates.sh'), [dir, ...names], { stdio: 'ignore' });
  const file = (name: string) => join(dir, name);
  return {
    dir,
    ca: readFileSync(file('ca.crt'), 'utf8'),
    file,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
