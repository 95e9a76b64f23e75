/** What an image consists of, read from its unpacked files and from the lock file that it was made of. */
import { type Lock, directlyNeededBy, neededBy } from '../docker/production-manifests.ts';
import { type NpmPackage, npmPackages, packageAt } from './root-folder.ts';
import { debianPackages, nodeVersion, releaseOf, type SystemPackage, type SystemRelease } from './system-packages.ts';

/** Where the Dockerfiles put everything. */
export const APP = 'app';

export interface Contents {
  /** Of this repository. */
  readonly own: readonly NpmPackage[];
  /** Of the registry, under /app. */
  readonly packages: readonly NpmPackage[];
  /** Packages of npm elsewhere: npm itself, where the base image has it. */
  readonly global: readonly NpmPackage[];
  readonly system: readonly SystemPackage[];
  readonly release: SystemRelease | undefined;
  readonly node: string | undefined;
}

export function readContents(root: string, lock: Lock, service: string): Contents {
  const folders = [...neededBy(lock, service)].filter((path) => !path.split('/').includes('node_modules'));
  return {
    own: folders.toSorted().flatMap((folder) => packageAt(root, `${APP}/${folder}`) ?? []),
    packages: npmPackages(root, APP),
    global: [...npmPackages(root, 'usr'), ...npmPackages(root, 'opt')],
    system: debianPackages(root),
    release: releaseOf(root),
    node: nodeVersion(root),
  };
}

/** What each package under /app depends on, by their paths in the lock file. */
export function dependenciesIn(lock: Lock, service: string): ReadonlyMap<string, readonly string[]> {
  const followed = (path: string) =>
    lock.packages[path]?.link === true ? (lock.packages[path].resolved ?? path) : path;
  return new Map(
    [...neededBy(lock, service)]
      .filter((path) => lock.packages[path]?.link !== true)
      .map((path) => [path, directlyNeededBy(lock, path).map(followed)]),
  );
}
