/** SQL, read by PostgreSQL's own grammar. */
import { loadModule, type Node, parseSync } from 'libpg-query';
import { lineAt } from './text-file.ts';

await loadModule();

export interface Statement {
  readonly node: Node;
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** @throws what the grammar says of text that is no SQL. */
export function statementsOf(text: string): readonly Statement[] {
  // The grammar counts bytes.
  const bytes = Buffer.from(text);
  return (parseSync(text).stmts ?? []).flatMap(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
    if (stmt === undefined) return [];
    const raw = bytes.subarray(start, length === undefined ? bytes.length : start + length).toString();
    const bare = raw.replace(LEADING, '');
    const offset = bytes.subarray(0, start).toString().length + raw.length - bare.length;
    return [{ node: stmt, text: bare.trim(), line: lineAt(text, offset) }];
  });
}

/** Comments and blank lines in front of a statement count as part of it. */
const LEADING = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/;
