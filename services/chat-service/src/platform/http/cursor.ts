/** Where the next page of a list begins, as an opaque word for the caller: the last row's sort keys. */
import { ChatError } from '@messagecore/protocol';
import type { Page } from '@messagecore/protocol/features';
import type { z } from 'zod';

type Key = string | number | null | readonly Key[];

export function encodeCursor(keys: readonly Key[]): string {
  return Buffer.from(JSON.stringify(keys)).toString('base64url');
}

/** The keys, undefined without a cursor. Throws `bad_request` for anything that is not of this shape. */
export function decodeCursor<T>(cursor: string | undefined, shape: z.ZodType<T>): T | undefined {
  if (cursor === undefined) return undefined;
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    throw notOfThisList(cause);
  }
}

/** `bad_request` for a cursor that no page of this list has named. */
export function notOfThisList(cause?: unknown): ChatError {
  const errors = [{ path: 'cursor', message: 'not a cursor of this list' }];
  return new ChatError('bad_request', 'cursor: not a cursor of this list', { cause, errors });
}

/** The page of rows of which one more than the limit was read, so that it shows whether there is a next one. */
export function pageOf<T>(rows: readonly T[], limit: number, keysOf: (last: T) => readonly Key[]): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? encodeCursor(keysOf(last)) : null };
}
