import { readAudit } from '../../platform/audit/audit-log.ts';
import { viewOf } from '../../platform/audit/entry-view.ts';
import type { BlobStore } from '../../platform/blobs/blob-store.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { enqueue } from '../../platform/jobs/enqueue.ts';
import type { SagaKind } from '../../platform/sagas/saga.ts';
import { DELETE_EXPORT } from './delete-export.job.ts';
import { deleteFiles, EXPIRES_AFTER_MS, type Extent, keyOfPart, PART_ENTRIES, partsOf } from './export-files.ts';

export interface ExportState extends Extent {
  /** The part to be written next. */
  readonly part: number;
}

export const EXPORT_LOG = 'export audit log';

const PAGE = 1_000;
/** No entry has more than some kilobytes. */
const PART_BYTES = 256 * 1024 * 1024;

/** Writes a part a run. A run that is repeated writes the same again: entries never change. */
export function exportLog(blobs: BlobStore): SagaKind<ExportState> {
  return {
    kind: EXPORT_LOG,
    maxAttempts: 5,
    steps: [
      {
        name: 'parts',
        async run(tx, state) {
          const { part } = state;
          const after = (part - 1) * PART_ENTRIES;
          const until = Math.min(after + PART_ENTRIES, state.upTo);
          await blobs.put(keyOfPart(state, part), linesOf(tx, state.tid, after, until), PART_BYTES);
          return { state: { ...state, part: part + 1 }, done: part >= partsOf(state), progress: until - after };
        },
        async undo(_tx, state) {
          await deleteFiles(blobs, state);
          return { state, done: true };
        },
      },
      {
        name: 'expiry',
        async run(tx, state) {
          const { tid, upTo } = state;
          const payload: Extent = { tid, upTo };
          await enqueue(tx, { kind: DELETE_EXPORT, tid, payload, delayMs: EXPIRES_AFTER_MS });
          return { state, done: true };
        },
      },
    ],
  };
}

/** Entries behind `after` up to `until`, each a line of JSON as the list of the audit log has it. */
async function* linesOf(tx: Transaction, tid: string, after: number, until: number): AsyncGenerator<Uint8Array> {
  for (let seq = after; seq < until;) {
    const entries = await readAudit(tx, tid, seq, Math.min(PAGE, until - seq));
    const last = entries.at(-1);
    if (last === undefined) throw new Error(`the audit log ends at ${seq} instead of ${until}`);
    yield Buffer.from(entries.map((entry) => `${JSON.stringify(viewOf(entry))}\n`).join(''));
    seq = last.seq;
  }
}
