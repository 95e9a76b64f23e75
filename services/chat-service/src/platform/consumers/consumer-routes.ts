import type { Bus } from '@messagecore/bus';
import { ChatError, STATUS } from '@messagecore/protocol';
import { Consumers, DeadLetter, PageQuery, pageOf, RowId } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../database/connect.ts';
import type { App } from '../http/app-type.ts';
import { answers, nothing } from '../http/shapes.ts';
import type { ConsumerKind } from './consumer.ts';
import { listConsumers, listDeadLetters } from './consumer-queries.ts';
import { deleteDeadLetter, setPaused } from './consumer-store.ts';
import { replayDeadLetter } from './dead-letters.ts';

export interface ConsumerRouteDeps {
  readonly sql: Sql;
  /** For the work of a dead letter that is tried again. */
  readonly background: Sql;
  readonly bus: Pick<Bus, 'request'>;
  readonly kinds: readonly ConsumerKind[];
}

const config = { access: 'operator' } as const;
const tags = ['Consumers'];
const ConsumerParams = z.object({ name: z.string().regex(/^[\w-]{1,100}$/, 'not a name of a consumer') });
const LetterParams = z.object({ id: RowId });

export function consumerRoutes(app: App, deps: ConsumerRouteDeps): void {
  addConsumers(app, deps);
  addDeadLetters(app, deps);
}

function addConsumers(app: App, { sql, bus, kinds }: ConsumerRouteDeps): void {
  app.get(
    '/admin/v1/consumers',
    {
      config,
      schema: {
        tags,
        summary: 'Consumers of the stream, and how far behind they are',
        response: answers({ [STATUS.ok]: Consumers }),
      },
    },
    async () => ({ items: await listConsumers(sql, bus, kinds) }),
  );

  for (const [verb, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    app.post(
      `/admin/v1/consumers/:name/${verb}`,
      {
        config,
        schema: {
          tags,
          summary: paused ? 'Have a consumer take no more events' : 'Have a paused consumer go on where it stood',
          params: ConsumerParams,
          response: answers(nothing),
        },
      },
      async ({ params }, reply) => {
        if (!(await setPaused(sql, params.name, paused))) throw new ChatError('not_found', 'no such consumer');
        return reply.code(STATUS.noContent).send();
      },
    );
  }
}

function addDeadLetters(app: App, { sql, background, kinds }: ConsumerRouteDeps): void {
  app.get(
    '/admin/v1/dead-letters',
    {
      config,
      schema: {
        tags,
        summary: 'Events that a consumer failed to handle in all its attempts, newest first',
        querystring: PageQuery,
        response: answers({ [STATUS.ok]: pageOf(DeadLetter) }),
      },
    },
    async ({ query }) => listDeadLetters(sql, query),
  );

  app.post(
    '/admin/v1/dead-letters/:id/replay',
    {
      config,
      schema: {
        tags,
        summary: 'Handle a dead letter once more, and delete it',
        description: 'Refused with `conflict` when it fails again; then it stays.',
        params: LetterParams,
        response: answers(nothing),
      },
    },
    async ({ params }, reply) => {
      await replayDeadLetter(background, kinds, params.id).catch((cause: unknown) => {
        if (cause instanceof ChatError) throw cause;
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new ChatError('conflict', `it failed again: ${why}`, { cause });
      });
      return reply.code(STATUS.noContent).send();
    },
  );

  app.delete(
    '/admin/v1/dead-letters/:id',
    { config, schema: { tags, summary: 'Give up a dead letter', params: LetterParams, response: answers(nothing) } },
    async ({ params }, reply) => {
      await deleteDeadLetter(sql, params.id);
      return reply.code(STATUS.noContent).send();
    },
  );
}
