import { STATUS } from '@messagecore/protocol';
import { ChangesPage, ChangesQuery, HistoryPage, HistoryQuery } from '@messagecore/protocol/features';
import { changesPage, historyPage } from './history.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { App } from '../../platform/http/app-type.ts';
import { callerOf } from '../identity/auth-plugin.ts';
import type { Reads } from '../identity/reads.ts';
import { answers, CidParams, sendJson } from '../../platform/http/shapes.ts';

export interface HistoryDeps {
  readonly sql: Sql;
  readonly reads: Reads;
}

/** Pages are sent as the ready frames that they are made of, so a text leaves byte for byte as it was stored. */
export function historyRoutes(app: App, { sql, reads }: HistoryDeps): void {
  app.get(
    '/v1/conversations/:cid/messages',
    {
      config: { access: 'tenant' },
      schema: {
        tags: ['Messages'],
        summary: 'Read the history, ascending by seq; the newest page by default',
        params: CidParams,
        querystring: HistoryQuery,
        response: answers({ [STATUS.ok]: HistoryPage }),
      },
    },
    async (request, reply) =>
      sendJson(
        reply,
        await reads(request, () => historyPage(sql, callerOf(request), request.params.cid, request.query)),
      ),
  );

  app.get(
    '/v1/conversations/:cid/changes',
    {
      config: { access: 'tenant' },
      schema: {
        tags: ['Messages'],
        summary: 'Read the final states of messages changed after a rev',
        params: CidParams,
        querystring: ChangesQuery,
        response: answers({ [STATUS.ok]: ChangesPage }),
      },
    },
    async (request, reply) =>
      sendJson(
        reply,
        await reads(request, () => changesPage(sql, callerOf(request), request.params.cid, request.query)),
      ),
  );
}
