import type { TextFile } from './text-file.ts';

export interface Package {
  readonly name: string;
  /** From the root, such as `libs/bus`. */
  readonly folder: string;
  readonly exports: Readonly<Record<string, string>>;
}

/** Reads a package.json. */
export function packageOf({ path, text }: TextFile): Package {
  const { name, exports } = JSON.parse(text) as { name: string; exports?: Record<string, string> };
  return { name, folder: path.slice(0, -'/package.json'.length), exports: exports ?? {} };
}
