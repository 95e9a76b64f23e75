import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from './run.ts';

/** An input that broke a promise once; judged again by every test run. */
interface StoredFinding {
  readonly target: string;
  readonly why: string;
  /** The input itself when it is text, else its bytes. */
  readonly text?: string;
  readonly hex?: string;
}

const FOLDER = join(import.meta.dirname, 'kept');

/** Writes the input down and returns the file's path. */
export async function keep(target: string, { input, why }: Failure): Promise<string> {
  const text = input.toString();
  const isText = Buffer.from(text).equals(input);
  const kept: StoredFinding = { target, why, ...(isText ? { text } : { hex: input.toString('hex') }) };
  const name = `${target.replaceAll(/\W+/g, '-')}-${createHash('sha256').update(input).digest('hex').slice(0, 8)}.json`;
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, name), `${JSON.stringify(kept, undefined, 2)}\n`);
  return join(FOLDER, name);
}

/** Inputs that were kept for a target, by file name. */
export async function readKept(target: string): Promise<ReadonlyMap<string, Buffer>> {
  if (!existsSync(FOLDER)) return new Map();
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).sort();
  const found = new Map<string, Buffer>();
  for (const name of names) {
    const kept = JSON.parse(await readFile(join(FOLDER, name), 'utf8')) as StoredFinding;
    if (kept.target === target)
      found.set(name, Buffer.from(kept.text ?? kept.hex ?? '', kept.text === undefined ? 'hex' : 'utf8'));
  }
  return found;
}
