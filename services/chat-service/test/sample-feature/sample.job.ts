import type { JobKind } from '../../src/platform/jobs/job-runner.ts';
import { addNote } from './notes.ts';

export const sampleJob: JobKind = {
  kind: 'sample',
  async run(tx, { payload }) {
    const { note } = payload as { note: string };
    await addNote(tx, 'job', note);
  },
};
