import { STATUS } from '@messagecore/protocol';
import { CreateToken, Token } from '@messagecore/protocol/features';
import { type MintDeps, mintToken } from './mint-token.ts';
import type { App } from '../../platform/http/app-type.ts';
import { callerOf } from '../identity/auth-plugin.ts';
import { answers } from '../../platform/http/shapes.ts';

const tags = ['Users'];

export function tokenRoutes(app: App, deps: MintDeps): void {
  app.post(
    '/v1/tokens',
    {
      config: { access: 'backend', scope: 'tokens' },
      schema: {
        tags,
        summary: 'Mint a token for a user, who is created at first use',
        body: CreateToken,
        response: answers({ [STATUS.created]: Token }),
      },
    },
    async (request, reply) => {
      const token = await mintToken(deps, callerOf(request).tid, request.body);
      return reply.code(STATUS.created).send(token);
    },
  );
}
