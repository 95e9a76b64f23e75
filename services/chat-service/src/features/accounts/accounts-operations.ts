import { accountOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { findTenant } from './account-tenant.ts';
import { confirmAccount } from './confirm-account.ts';
import type { AccountDeps } from './deps.ts';
import { listSignIns } from './list-sign-ins.ts';
import { changePassword, forgotPassword, resetPassword } from './new-password.ts';
import { refreshSignIn } from './refresh-sign-in.ts';
import { confirmTotp, startTotp, stopTotp } from './second-factor.ts';
import { signIn } from './sign-in.ts';
import { signOut } from './sign-out.ts';
import { invite, signUp } from './sign-up.ts';

export function bindAccounts(deps: AccountDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.signUp, (_, request) => signUp(deps, request)),
    bindOperation(operations.invite, (caller, request) => invite(deps, caller, request)),
    bindOperation(operations.confirmAccount, ({ address }, request) => confirmAccount(deps, request, address)),
    bindOperation(operations.signIn, ({ address }, request) => signIn(deps, request, address)),
    bindOperation(operations.refreshSignIn, ({ address }, { refreshToken }) =>
      refreshSignIn(deps, refreshToken, address),
    ),
    bindOperation(operations.signOut, ({ address }, { refreshToken }) => signOut(deps, refreshToken, address)),
    bindOperation(operations.forgotPassword, (_, request) => forgotPassword(deps, request)),
    bindOperation(operations.resetPassword, ({ address }, request) => resetPassword(deps, request, address)),
    bindOperation(operations.changePassword, (self, request) => changePassword(deps, self, request)),
    bindOperation(operations.startTotp, async (self, { password }) => {
      const { name: issuer } = await findTenant(deps.sql, self.tid);
      return startTotp(deps, self, { password, issuer });
    }),
    bindOperation(operations.confirmTotp, async (self, { code }) => ({
      recoveryCodes: await confirmTotp(deps, self, code),
    })),
    bindOperation(operations.stopTotp, (self, request) => stopTotp(deps, self, request)),
    bindOperation(operations.listSignIns, async (self) => ({ items: await listSignIns(deps.sql, self) })),
  ];
}
