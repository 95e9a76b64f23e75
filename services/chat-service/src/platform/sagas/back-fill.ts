/**
 * Back-fills: what a migration leaves to be written for the rows that were there before it.
 *
 * A back-fill is a saga with one step, so its position and its progress commit with the rows that it has written: a process
 * that dies repeats at most the batch that did not commit. It goes through a table by its key, and rests after each batch, so
 * that it takes a bounded part of the database. Rows that come after it began are written by the code that makes them.
 */
import type { Transaction } from '../database/connect.ts';
import type { SagaKind } from './saga.ts';

export interface Batch<K> {
  /** Key of the last row of the batch; left out when there was none. */
  readonly last?: K;
  /** Rows that were looked at: fewer than asked for are the last ones. */
  readonly rows: number;
}

export interface BackFill<K> {
  /** Its name among the kinds of sagas. */
  readonly kind: string;
  /**
   * Writes for the next `limit` rows whose key is after `after`, in the order of the key; from the beginning without one. A row
   * that is right already is left as it is.
   */
  fill(tx: Transaction, after: K | undefined, limit: number): Promise<Batch<K>>;
  /** Rows in one transaction; 500 when left out: locks are held for milliseconds. */
  readonly batchRows?: number;
  /** Rest after each batch, milliseconds; 100 when left out. */
  readonly restMs?: number;
}

export interface BackFillState<K> {
  /** Key of the last row that is done. */
  readonly after?: K;
}

const BATCH_ROWS = 500;
const REST_MS = 100;

/** The kind of saga that does it. `K` is kept as JSON. */
export function backFillSaga<K>(backFill: BackFill<K>): SagaKind<BackFillState<K>> {
  const { kind, batchRows = BATCH_ROWS, restMs = REST_MS } = backFill;
  return {
    kind,
    steps: [
      {
        name: 'fill',
        async run(tx, { after }) {
          const { last = after, rows } = await backFill.fill(tx, after, batchRows);
          const state = last === undefined ? {} : { after: last };
          return { state, progress: rows, done: rows < batchRows, restMs };
        },
      },
    ],
  };
}
