import { mkdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The sources that this file is part of. */
export const THIS_RELEASE = join(import.meta.dirname, '../../..');

/**
 * Which sources each service of a cluster runs: a link for each, in `folder`, to the root of the sources. Another release is
 * that of a service from its next start on.
 */
export class Releases {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = join(folder, 'releases');
  }

  /** Where a service finds its release. */
  async of(service: string, root: string): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    await this.use(service, root);
    return join(this.#folder, service);
  }

  async use(service: string, root: string): Promise<void> {
    const link = join(this.#folder, `${service}.next`);
    await symlink(root, link);
    await rename(link, join(this.#folder, service));
  }
}
