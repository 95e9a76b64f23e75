import { ChatError, STATUS } from '@messagecore/protocol';
import { DeadJob, JobQueue, PageQuery, pageOf, RowId } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../database/connect.ts';
import type { App } from '../http/app-type.ts';
import { answers, nothing } from '../http/shapes.ts';
import { listDead } from './dead-jobs.ts';
import { replay, stateOf } from './job-store.ts';

const config = { access: 'operator' } as const;
const tags = ['Jobs'];

export function jobRoutes(app: App, sql: Sql): void {
  app.get(
    '/admin/v1/jobs',
    { config, schema: { tags, summary: 'State of the job queue', response: answers({ [STATUS.ok]: JobQueue }) } },
    async () => stateOf(sql),
  );

  app.get(
    '/admin/v1/jobs/dead',
    {
      config,
      schema: {
        tags,
        summary: 'Jobs that failed in all their attempts, newest first',
        querystring: PageQuery,
        response: answers({ [STATUS.ok]: pageOf(DeadJob) }),
      },
    },
    async ({ query }) => listDead(sql, query),
  );

  app.post(
    '/admin/v1/jobs/:id/replay',
    {
      config,
      schema: { tags, summary: 'Try a dead job again', params: z.object({ id: RowId }), response: answers(nothing) },
    },
    async ({ params }, reply) => {
      if (!(await replay(sql, params.id))) throw new ChatError('not_found', 'no such dead job');
      return reply.code(STATUS.noContent).send();
    },
  );
}
