import { splitArray } from '../../../services/chat-service/src/store/array-literals.ts';
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

/** The columns of `frameColumns`. */
export function frameRow({ cid }: ConversationRow, row: StoredRow): Row {
  const { seq, mid, sender, at, kind, body, replyTo, threadRoot, rev, edited, recalled, reactions } = row;
  return { cid, seq, mid, from: sender, at, kind, body, replyTo, threadRoot, rev, edited, recalled, reactions };
}

/** The text form of an array of plain values. */
export function plain(value: unknown): (string | null)[] {
  return splitArray(value as string);
}

export function numbers(value: unknown): (number | null)[] {
  return plain(value).map((text) => (text === null ? null : Number(text)));
}

const ITEM = /"((?:[^"\\]|\\.)*)"/g;

/** The text form of an array of any texts. */
export function texts(value: unknown): string[] {
  return [...(value as string).matchAll(ITEM)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
}
