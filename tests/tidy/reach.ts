import type { Module } from './module.ts';

/** The files that a file imports, itself or through others, each with the way to it; packages are left out. */
export function reachOf(start: string, modules: ReadonlyMap<string, Module>): ReadonlyMap<string, readonly string[]> {
  const ways = new Map<string, readonly string[]>([[start, [start]]]);
  for (const [path, way] of ways) {
    for (const { file } of modules.get(path)?.imports ?? []) {
      if (file !== undefined && !ways.has(file)) ways.set(file, [...way, file]);
    }
  }
  return ways;
}

export function byPath(modules: readonly Module[]): ReadonlyMap<string, Module> {
  return new Map(modules.map((module) => [module.path, module]));
}
