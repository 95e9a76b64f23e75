/** Every statement that the simulated part of chat-service makes. */
import { APPEND } from './append.ts';
import { AUDIT } from './audit.ts';
import { CHANGES } from './changes.ts';
import { EVENTS } from './events.ts';
import { PUBLICATION } from './publication.ts';
import { READS } from './reads.ts';
import type { Statement } from './rows.ts';

const STATEMENTS: readonly Statement[] = [...READS, ...APPEND, ...CHANGES, ...PUBLICATION, ...EVENTS, ...AUDIT];

const known = new Map<string, Statement>();

/** @throws when the model does not know the statement. */
export function findStatement(text: string): Statement {
  const found = known.get(text) ?? search(text);
  known.set(text, found);
  return found;
}

function search(text: string): Statement {
  const plain = text.replace(/\s+/g, ' ');
  const [found, another] = STATEMENTS.filter(({ words }) => words.every((word) => plain.includes(word)));
  if (found === undefined || another !== undefined) throw new Error(`the model has no one answer to: ${plain}`);
  return found;
}
