import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from './plan.ts';

/** A plan that failed once: what it showed, and how to see it again. */
export interface StoredFinding {
  readonly rule: string;
  readonly detail: string;
  readonly plan: Plan;
}

const FOLDER = join(import.meta.dirname, 'kept');

/** Writes the plan down and returns the file's path. */
export async function keep(kept: StoredFinding): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const path = join(FOLDER, `${kept.plan.seed}.json`);
  await writeFile(path, `${JSON.stringify(kept, undefined, 2)}\n`);
  return path;
}

/** All that were kept, by file name. */
export async function readKept(): Promise<ReadonlyMap<string, StoredFinding>> {
  if (!existsSync(FOLDER)) return new Map();
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).sort();
  const read = async (name: string) => JSON.parse(await readFile(join(FOLDER, name), 'utf8')) as StoredFinding;
  return new Map(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));
}
