/** All routes behind the auth that decides who may call them. */
import { ChatError } from '@messagecore/protocol';
import { addAuth, callerOf, operatorOf, selfOf, visitorOf } from '../core/identity/auth-plugin.ts';
import type { AuthenticateKey } from '../core/identity/caller.ts';
import { keySetRoute } from '../core/identity/key-set-route.ts';
import type { Identity } from '../core/identity/identify.ts';
import type { SigningKeys } from '../core/identity/signing-keys.ts';
import type { MessageCommands } from '../core/messages/message-operations.ts';
import { sendRoute } from '../core/messages/send-route.ts';
import type { App } from '../platform/http/app-type.ts';
import { Guesses } from '../platform/rate-limits/guesses.ts';
import { type OperationRouteDeps, operationRoutes } from '../platform/operations/routes.ts';

export interface RouteDeps {
  readonly adminKey: string;
  readonly signingKeys: SigningKeys;
  readonly identify: (jwt: string) => Promise<Identity | ChatError>;
  readonly authenticateKey: AuthenticateKey;
  readonly maintenance: () => ChatError | undefined;
  readonly commands: Pick<MessageCommands, 'send'>;
  readonly operations: Pick<OperationRouteDeps, 'operations' | 'carryOut'>;
}

export function addRoutes(app: App, deps: RouteDeps): void {
  const { adminKey, authenticateKey, maintenance, commands, operations } = deps;
  addAuth(app, {
    guesses: new Guesses(),
    adminKey,
    authenticateKey,
    maintenance,
    async identify(jwt) {
      const identity = await deps.identify(jwt);
      if (identity instanceof ChatError) throw identity;
      return identity;
    },
  });
  const callers = {
    ...{ user: callerOf, tenant: callerOf, tenantAdmin: callerOf, backend: callerOf },
    ...{ operator: operatorOf, self: selfOf, anyone: visitorOf },
  };
  operationRoutes(app, { ...operations, callers });
  sendRoute(app, commands);
  keySetRoute(app, deps.signingKeys);
}
