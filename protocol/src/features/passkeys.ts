/** Passkeys of accounts (WebAuthn): what browsers and the service tell one another, in the JSON forms of that standard. */
import { z } from 'zod';
import { Millis } from '../wire/ids.ts';
import { GivenPassword, SecondFactorCode, TenantRef } from './accounts.ts';
import { name } from './names.ts';
import { newClientId } from './users.ts';

/** Bytes as WebAuthn writes them in JSON: base64url without padding. */
const bytes = (max: number) =>
  z
    .string()
    .min(1)
    .max(Math.ceil((max * 4) / 3))
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url');

/** The standard allows 1,023 bytes. */
const CredentialId = bytes(1_023);
const PublicKey = z.literal('public-key');
const Descriptor = z.object({ type: PublicKey, id: CredentialId });
const passkeyName = name(100);

/** The password, and a code where the second factor is on. */
export const ProveOneself = z
  .object({ password: GivenPassword, code: SecondFactorCode.optional() })
  .meta({ id: 'ProveOneself' });
export type ProveOneself = z.infer<typeof ProveOneself>;

/** For `PublicKeyCredential.parseCreationOptionsFromJSON`. */
export const PasskeyCreation = z
  .object({
    rp: z.object({ id: z.string(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge: z.string(),
    pubKeyCredParams: z.array(z.object({ type: PublicKey, alg: z.int() })),
    /** In milliseconds, as long as the challenge counts. */
    timeout: z.int(),
    excludeCredentials: z.array(Descriptor),
    authenticatorSelection: z.object({
      residentKey: z.literal('required'),
      requireResidentKey: z.literal(true),
      userVerification: z.literal('required'),
    }),
    attestation: z.literal('none'),
  })
  .meta({ id: 'PasskeyCreation' });
export type PasskeyCreation = z.infer<typeof PasskeyCreation>;

/** For `PublicKeyCredential.parseRequestOptionsFromJSON`. It names no credentials: the authenticator lists those that it has. */
export const PasskeyRequest = z
  .object({
    challenge: z.string(),
    timeout: z.int(),
    rpId: z.string(),
    userVerification: z.literal('required'),
  })
  .meta({ id: 'PasskeyRequest' });
export type PasskeyRequest = z.infer<typeof PasskeyRequest>;

/** `toJSON()` of the credential that the browser has made; what else it has is not looked at. */
export const NewCredential = z
  .object({
    ...{ id: CredentialId, rawId: CredentialId, type: PublicKey },
    response: z.object({ clientDataJSON: bytes(4_096), attestationObject: bytes(16_384) }),
  })
  .meta({ id: 'NewCredential' });
export type NewCredential = z.infer<typeof NewCredential>;

/** `toJSON()` of what the authenticator has signed; what else it has is not looked at. */
export const GivenCredential = z
  .object({
    ...{ id: CredentialId, rawId: CredentialId, type: PublicKey },
    response: z.object({
      clientDataJSON: bytes(4_096),
      authenticatorData: bytes(4_096),
      signature: bytes(4_096),
      userHandle: bytes(64),
    }),
  })
  .meta({ id: 'GivenCredential' });
export type GivenCredential = z.infer<typeof GivenCredential>;

export const ConfirmPasskey = z.object({ name: passkeyName, credential: NewCredential }).meta({ id: 'ConfirmPasskey' });
export type ConfirmPasskey = z.infer<typeof ConfirmPasskey>;

export const Passkey = z
  .object({ passkeyId: z.uuid(), name: z.string(), createdAt: Millis, lastUsedAt: Millis.nullable() })
  .meta({ id: 'Passkey' });
export type Passkey = z.infer<typeof Passkey>;

export const PasskeyParams = z.object({ passkeyId: z.uuid().toLowerCase() });
export const RenamePasskey = z.object({ name: passkeyName }).meta({ id: 'RenamePasskey' });

export const StartPasskeySignIn = z.object({ tenant: TenantRef }).meta({ id: 'StartPasskeySignIn' });
/** Without a `clientId` the device gets a new one. */
export const FinishPasskeySignIn = z
  .object({ tenant: TenantRef, credential: GivenCredential, clientId: newClientId.optional() })
  .meta({ id: 'FinishPasskeySignIn' });
export type FinishPasskeySignIn = z.infer<typeof FinishPasskeySignIn>;
