/** Passkeys of accounts, as tests make them. */
import { randomUUID } from 'node:crypto';
import type {
  GivenCredential,
  NewCredential,
  Passkey,
  PasskeyCreation,
  PasskeyRequest,
} from '@messagecore/protocol/features';
import { must, type TestTenant } from '@messagecore/testkit';
import { PASSWORD, type TestAccount } from './accounts.ts';
import { Authenticator } from './authenticator.ts';
import { APP_URL, type System } from './system.ts';

export const ORIGIN = new URL(APP_URL).origin;

/** What the browser makes a passkey with. */
export function startPasskey({ api }: Pick<System, 'api'>, { auth }: TestAccount): Promise<PasskeyCreation> {
  return must('POST', `${api}/v1/auth/passkeys/start`, { headers: auth, body: { password: PASSWORD } });
}

export async function addPasskey(
  system: Pick<System, 'api'>,
  account: TestAccount,
  authenticator = new Authenticator({ origin: ORIGIN }),
): Promise<{ readonly passkey: Passkey; readonly authenticator: Authenticator }> {
  const credential = authenticator.create(await startPasskey(system, account));
  const body = { name: 'Phone', credential };
  const passkey = await must<Passkey>('POST', `${system.api}/v1/auth/passkeys`, { headers: account.auth, body });
  return { passkey, authenticator };
}

/** What the browser asks for a passkey with. */
export function startPasskeySignIn({ api }: Pick<System, 'api'>, { tenantId }: TestTenant): Promise<PasskeyRequest> {
  return must('POST', `${api}/v1/auth/passkeys/sign-in/start`, { body: { tenant: tenantId } });
}

export interface PasskeyPlace {
  readonly passkeyId: string;
  /** What the browser has made, and what a passkey has signed, for the operations that take it. */
  readonly made?: NewCredential;
  readonly given?: GivenCredential;
}

/** For the samples of operations. */
export async function newPasskeyPlace(
  system: System,
  tenant: TestTenant,
  account: TestAccount,
  operation: string,
): Promise<PasskeyPlace> {
  if (operation === 'auth.finishPasskeySignIn') {
    const { passkey, authenticator } = await addPasskey(system, account);
    return { ...passkey, given: authenticator.get(await startPasskeySignIn(system, tenant)) };
  }
  const passkeyId = randomUUID();
  await system.sql`
    insert into passkeys (id, tenant_id, user_id, credential_id, public_key, counter, name)
    values (${passkeyId}, ${tenant.tenantId}, ${account.signedIn.userId}, ${passkeyId}, '', 0, 'Key')`;
  if (operation !== 'auth.confirmPasskey') return { passkeyId };
  return { passkeyId, made: new Authenticator({ origin: ORIGIN }).create(await startPasskey(system, account)) };
}
