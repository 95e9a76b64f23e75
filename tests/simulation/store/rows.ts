import type { Transaction } from './database.ts';
import type { ConversationRow, StoredRow } from './model.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Values = readonly unknown[];

/** A statement of chat-service, and what the database does when it is told. */
export interface Statement {
  /** Words, with single spaces, that together mark it. */
  readonly words: readonly string[];
  /** Conversations whose rows it locks. */
  readonly locks?: (values: Values) => readonly string[];
  readonly lockTimeoutMs?: number;
  readonly run: (transaction: Transaction, values: Values) => readonly Row[];
}

/** The columns of `frameColumns`. No text of a simulation mentions anybody. */
export function frameRow({ cid }: ConversationRow, row: StoredRow): Row {
  const { sender, changedAt: _changed, firstBody: _first, ...columns } = row;
  return { ...columns, cid, from: sender, mentions: null };
}

/** An array of plain values in PostgreSQL's text form, of which nothing or NULL is the one without elements. */
export function plain(value: unknown): (string | null)[] {
  const text = (value as string | null) ?? '{}';
  if (text === '{}') return [];
  const elements = text.slice(1, -1).split(',');
  return elements.map((element) => (element === 'NULL' ? null : element));
}

export function numbers(value: unknown): (number | null)[] {
  return plain(value).map((text) => (text === null ? null : Number(text)));
}

export function booleans(value: unknown): (boolean | null)[] {
  return plain(value).map((text) => (text === null ? null : text === 'true'));
}

export function arrayOf(values: readonly (string | number | null | undefined)[]): string | null {
  return values.length === 0 ? null : `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

const ITEM = /"((?:[^"\\]|\\.)*)"/g;

/** The text form of an array of any texts. */
export function texts(value: unknown): string[] {
  return [...(value as string).matchAll(ITEM)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
}
