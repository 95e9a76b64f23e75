/** All routes behind the auth that decides who may call them. */
import { ChatError } from '@messagecore/protocol';
import type { AuthenticateKey } from '../core/identity/caller.ts';
import type { Identity } from '../core/identity/identify.ts';
import type { Secrets } from '../core/identity/secrets.ts';
import type { Tokens } from '../core/identity/tokens.ts';
import { Guesses } from '../platform/limits/guesses.ts';
import type { Limits } from '../platform/limits/limits.ts';
import type { ConversationDeps } from '../core/conversations/conversation-transaction.ts';
import type { App } from '../platform/http/app-type.ts';
import { addAuth, callerOf, operatorOf } from '../core/identity/auth-plugin.ts';
import { type ReadsOf, readsOfRequests } from '../core/identity/reads.ts';
import { conversationRoutes } from '../core/conversations/conversation-routes.ts';
import { type OperationRouteDeps, operationRoutes } from '../platform/operations/routes.ts';
import { historyRoutes } from '../core/messages/history-routes.ts';
import { type MessageCommands, messageRoutes } from '../core/messages/message-routes.ts';
import { participantRoutes } from '../core/conversations/participant-routes.ts';
import { apiKeyRoutes } from '../core/tenants/api-key-routes.ts';
import { tenantRoutes } from '../core/tenants/tenant-routes.ts';
import { tokenRoutes } from '../core/users/token-routes.ts';
import { userChangeRoutes } from '../core/users/user-change-routes.ts';
import { userRoutes } from '../core/users/user-routes.ts';

export interface RouteDeps {
  readonly adminKey: string;
  readonly identify: (jwt: string) => Promise<Identity | ChatError>;
  readonly authenticateKey: AuthenticateKey;
  readonly tokens: Tokens;
  readonly secrets: Secrets;
  readonly limits: Limits;
  readonly conversations: Omit<ConversationDeps, 'limits'>;
  readonly commands: MessageCommands;
  readonly operations: Pick<OperationRouteDeps, 'operations' | 'carryOut'> & { readonly readsOf: ReadsOf };
}

export function addRoutes(app: App, deps: RouteDeps): void {
  const { adminKey, authenticateKey, tokens, secrets, limits, commands } = deps;
  const conversations = { ...deps.conversations, limits };
  const { sql, publishEvents } = conversations;

  addAuth(app, {
    guesses: new Guesses(),
    adminKey,
    authenticateKey,
    async identify(jwt) {
      const identity = await deps.identify(jwt);
      if (identity instanceof ChatError) throw identity;
      return identity;
    },
  });
  tenantRoutes(app, { sql, publishEvents, secrets });
  apiKeyRoutes(app, { sql });
  tokenRoutes(app, { sql, tokens, publishEvents });
  const reads = readsOfRequests(deps.operations.readsOf);
  operationRoutes(app, { ...deps.operations, callerOf, operatorOf });
  userRoutes(app, { sql, reads });
  userChangeRoutes(app, { sql, publishEvents, limits });
  conversationRoutes(app, { ...conversations, reads });
  participantRoutes(app, conversations);
  messageRoutes(app, commands);
  historyRoutes(app, { sql, reads });
}
