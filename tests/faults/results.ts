/** Results on disk, so that a long run can be made in parts. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SeedResult } from './run-seed.ts';

/** One run, without its history. */
export interface StoredResult extends Pick<SeedResult, 'seed' | 'figures' | 'findings'> {
  /** Of the servers; runs of before this was noted have none, nor the time that they took. */
  readonly versions?: SeedResult['versions'];
  readonly tookMs?: number;
  /** On one machine at the time. */
  readonly clusters?: number;
}

const FOLDER = join(import.meta.dirname, '../../.data/faults');

const fileOf = (scenario: string): string => join(FOLDER, `${scenario}.json`);

/** Results of a scenario by seed, ascending; a later run of a seed replaces an earlier one. */
export async function readResults(scenario: string): Promise<StoredResult[]> {
  const text = await readFile(fileOf(scenario), 'utf8').catch(() => '[]');
  return JSON.parse(text) as StoredResult[];
}

export async function keepResult(scenario: string, result: StoredResult): Promise<void> {
  const others = (await readResults(scenario)).filter(({ seed }) => seed !== result.seed);
  const all = [...others, result].toSorted((a, b) => a.seed - b.seed);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(fileOf(scenario), JSON.stringify(all));
}

/** Writes everything that was seen in a run that violated a rule; returns the file's path. */
export async function keepHistory({ scenario, seed, findings, moments, history }: SeedResult): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const path = join(FOLDER, `${scenario}-${seed}.history.json`);
  await writeFile(path, JSON.stringify({ scenario, seed, findings, moments, history }, undefined, 1));
  return path;
}
