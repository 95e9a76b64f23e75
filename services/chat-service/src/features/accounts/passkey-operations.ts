import { passkeyOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { confirmPasskey, startPasskey } from './add-passkey.ts';
import type { AccountDeps } from './deps.ts';
import { listPasskeys, removePasskey, renamePasskey } from './own-passkeys.ts';
import { finishPasskeySignIn, startPasskeySignIn } from './sign-in-passkey.ts';

export function bindPasskeys(deps: AccountDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.startPasskey, (self, proof) => startPasskey(deps, self, proof)),
    bindOperation(operations.confirmPasskey, (self, request) => confirmPasskey(deps, self, request)),
    bindOperation(operations.listPasskeys, async (self) => ({ items: await listPasskeys(deps.sql, self) })),
    bindOperation(operations.renamePasskey, (self, { passkeyId, name }) =>
      renamePasskey(deps.sql, self, passkeyId, name),
    ),
    bindOperation(operations.removePasskey, (self, { passkeyId, ...proof }) =>
      removePasskey(deps, self, passkeyId, proof),
    ),
    bindOperation(operations.startPasskeySignIn, (_, { tenant }) => startPasskeySignIn(deps, tenant)),
    bindOperation(operations.finishPasskeySignIn, ({ address }, request) =>
      finishPasskeySignIn(deps, request, address),
    ),
  ];
}
