/** All routes behind the auth that decides who may call them. */
import { ChatError } from '@messagecore/protocol';
import type { AuthenticateKey } from '../identity/api-keys.ts';
import type { Identity } from '../identity/identify.ts';
import type { Secrets } from '../identity/secrets.ts';
import type { Tokens } from '../identity/tokens.ts';
import { Guesses } from '../limits/guesses.ts';
import type { ConversationDeps } from '../write/in-conversation.ts';
import type { App } from './app-type.ts';
import { addAuth } from './plugins/auth.ts';
import { createReads } from './plugins/reads.ts';
import { conversationRoutes } from './routes/conversations.ts';
import { deviceRoutes } from './routes/devices.ts';
import { type HistoryDeps, historyRoutes } from './routes/history.ts';
import { type MessageCommands, messageRoutes } from './routes/messages.ts';
import { participantRoutes } from './routes/participants.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { tenantRoutes } from './routes/tenants.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { userChangeRoutes } from './routes/user-changes.ts';
import { userRoutes } from './routes/users.ts';

export interface RouteDeps {
  readonly adminKey: string;
  readonly identify: (jwt: string) => Promise<Identity | ChatError>;
  readonly authenticateKey: AuthenticateKey;
  readonly tokens: Tokens;
  readonly secrets: Secrets;
  readonly conversations: ConversationDeps;
  readonly commands: MessageCommands & Pick<HistoryDeps, 'read'>;
}

export function addRoutes(app: App, deps: RouteDeps): void {
  const { adminKey, authenticateKey, tokens, secrets, conversations, commands } = deps;
  const { sql, announcer, limits } = conversations;

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
  tenantRoutes(app, { sql, announcer, secrets });
  apiKeyRoutes(app, { sql });
  tokenRoutes(app, { sql, tokens, announcer });
  const reads = createReads();
  userRoutes(app, { sql, reads });
  userChangeRoutes(app, { sql, announcer, limits });
  deviceRoutes(app, { sql, announcer, limits, reads });
  conversationRoutes(app, { ...conversations, reads });
  participantRoutes(app, { ...conversations, reads });
  messageRoutes(app, commands);
  historyRoutes(app, { sql, read: commands.read, reads });
}
