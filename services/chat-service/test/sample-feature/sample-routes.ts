import { STATUS } from '@messagecore/protocol';
import { z } from 'zod';
import type { Sql } from '../../src/platform/database/connect.ts';
import type { App } from '../../src/platform/http/app-type.ts';
import { answers, nothing } from '../../src/platform/http/shapes.ts';
import { enqueue } from '../../src/platform/jobs/enqueue.ts';
import { addNote, MAX_NOTE, readNotes } from './notes.ts';

const config = { access: 'operator' } as const;
const tags = ['Sample'];
const Note = z.object({ note: z.string().min(1).max(MAX_NOTE) });

export function sampleRoutes(app: App, sql: Sql): void {
  app.post(
    '/admin/v1/sample',
    {
      config,
      schema: { tags, summary: 'Write a note, and have a job repeat it', body: Note, response: answers(nothing) },
    },
    async ({ body: { note } }, reply) => {
      await sql.begin(async (tx) => {
        await addNote(tx, 'rest', note);
        await enqueue(tx, { kind: 'sample', payload: { note } });
      });
      return reply.code(STATUS.noContent).send();
    },
  );

  app.get(
    '/admin/v1/sample',
    {
      config,
      schema: {
        tags,
        summary: 'Read all notes',
        response: answers({ [STATUS.ok]: z.object({ notes: z.array(z.string()) }) }),
      },
    },
    async () => ({ notes: await readNotes(sql) }),
  );
}
