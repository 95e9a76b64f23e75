/** An account of a tenant that is open to all, for the samples of operations. */
import type { RecoveryCodes, TotpSecret } from '@messagecore/protocol/features';
import { must, type TestTenant } from '@messagecore/testkit';
import { Secret, TOTP } from 'otpauth';
import type { z } from 'zod';
import { mailToken, newAccount, PASSWORD, setAccounts, type TestAccount } from './accounts.ts';
import { newPasskeyPlace, type PasskeyPlace } from './passkeys.ts';
import type { System } from './system.ts';

export interface AccountPlace extends TestAccount {
  /** What mails would carry: of somebody new, and of the account. */
  readonly confirm: string;
  readonly reset: string;
  /** Of the second factor, where the operation is about it: what turns it on, or what turns it off. */
  readonly code: string | undefined;
  readonly passkey: PasskeyPlace;
}

export async function newAccountPlace(system: System, tenant: TestTenant, operation: string): Promise<AccountPlace> {
  await setAccounts(system, tenant, { signUp: { mode: 'open' } });
  const account = await newAccount(system, tenant);
  const confirm = await mailToken(system, tenant, 'confirm', 'somebody.new@example.com');
  const reset = await mailToken(system, tenant, 'reset', account.email);
  const passkey = await newPasskeyPlace(system, tenant, account, operation);
  return { ...account, confirm, reset, code: await codeFor(system, account, operation), passkey };
}

async function codeFor({ api }: System, { auth }: TestAccount, operation: string): Promise<string | undefined> {
  if (operation !== 'auth.confirmTotp' && operation !== 'auth.stopTotp') return undefined;
  const body = { password: PASSWORD };
  const { secret } = await must<z.infer<typeof TotpSecret>>('POST', `${api}/v1/auth/totp`, { headers: auth, body });
  const code = codeOf(secret);
  if (operation === 'auth.confirmTotp') return code;
  const { recoveryCodes } = await must<z.infer<typeof RecoveryCodes>>('POST', `${api}/v1/auth/totp/confirm`, {
    headers: auth,
    body: { code },
  });
  return recoveryCodes[0];
}

/** The code of an authenticator app now, or so many steps from now. */
export function codeOf(secret: string, steps = 0): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
}
