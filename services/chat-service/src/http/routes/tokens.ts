import { CreateToken, STATUS, Token } from '@messagecore/protocol';
import { type MintDeps, mintToken } from '../../write/mint-token.ts';
import type { App } from '../app-type.ts';
import { callerOf } from '../plugins/auth.ts';
import { answers } from './shapes.ts';

const tags = ['Users'];

export function tokenRoutes(app: App, deps: MintDeps): void {
  app.post(
    '/v1/tokens',
    {
      config: { access: 'backend' },
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
