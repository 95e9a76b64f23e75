import type { Repository } from './repository.ts';
import type { Module } from './module.ts';
import { lineAt } from './text-file.ts';

/** Something that breaks a law of the repository. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  /** What is wrong, and what to do instead. */
  readonly advice: string;
}

export interface Rule {
  readonly law: string;
  readonly check: (repository: Repository) => readonly Finding[];
}

/** A finding at a node of a module's syntax tree. */
export function at(module: Module, node: { start: number }, advice: string): Finding {
  return { path: module.path, line: lineAt(module.text, node.start), advice };
}

export function describe({ path, line, advice }: Finding): string {
  return `${path}:${line} ${advice}`;
}
