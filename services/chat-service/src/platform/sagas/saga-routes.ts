import { ChatError, STATUS } from '@messagecore/protocol';
import { pageOf, Saga, SagasQuery } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql } from '../database/connect.ts';
import type { App } from '../http/app-type.ts';
import { answers } from '../http/shapes.ts';
import type { AnySaga } from './saga.ts';
import { getSaga, listSagas } from './saga-queries.ts';

const config = { access: 'operator' } as const;
const tags = ['Sagas'];

/** `kinds` name the steps. */
export function sagaRoutes(app: App, sql: Sql, kinds: readonly AnySaga[]): void {
  app.get(
    '/admin/v1/sagas',
    {
      config,
      schema: {
        tags,
        summary: 'Work in several steps, newest first, with its progress',
        querystring: SagasQuery,
        response: answers({ [STATUS.ok]: pageOf(Saga) }),
      },
    },
    async ({ query }) => listSagas(sql, kinds, query),
  );

  app.get(
    '/admin/v1/sagas/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Read a saga',
        params: z.object({ id: z.uuid().toLowerCase() }),
        response: answers({ [STATUS.ok]: Saga }),
      },
    },
    async ({ params }) => {
      const saga = await getSaga(sql, kinds, params.id);
      if (saga === undefined) throw new ChatError('not_found', 'no such saga');
      return saga;
    },
  );
}
