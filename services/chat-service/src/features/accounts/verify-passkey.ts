/** What authenticators answer, checked as WebAuthn says. Whatever is wrong with it, the answer is undefined. */
import type { GivenCredential, NewCredential } from '@messagecore/protocol/features';
import type { PasskeySite } from './passkey-site.ts';

/** COSE numbers of ES256, RS256 and Ed25519, which authenticators of today have. */
export const ALGORITHMS = [-7, -257, -8];

/** Loaded with the first passkey: the library and what it needs take 28 MB, of which other processes have no use. */
const library = () => import('@simplewebauthn/server');

/** Whether a challenge is one that was asked for. */
export type IsExpected = (challenge: string) => boolean;

export interface VerifiedPasskey {
  readonly credentialId: string;
  /** In COSE. */
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly challenge: string;
}

/** A new credential. It says nothing of who has made the authenticator: nobody has asked for that. */
export async function verifyNew(
  { rpId, origin }: PasskeySite,
  credential: NewCredential,
  isExpected: IsExpected,
): Promise<VerifiedPasskey | undefined> {
  const { verifyRegistrationResponse } = await library();
  return unlessWrong(async () => {
    const { registrationInfo: info } = await verifyRegistrationResponse({
      response: { ...credential, clientExtensionResults: {} },
      ...{ expectedChallenge: isExpected, expectedOrigin: origin, expectedRPID: rpId },
      ...{ requireUserVerification: true, supportedAlgorithmIDs: ALGORITHMS },
    });
    // What the authenticator has signed may name a longer one than the standard allows, and than an index takes.
    if (info === undefined || info.credential.id !== credential.id) return undefined;
    const { id: credentialId, publicKey, counter } = info.credential;
    return { credentialId, publicKey, counter, challenge: challengeOf(credential) };
  });
}

export interface Assertion {
  /** Of the authenticator's signatures; 0 when it does not count. */
  readonly counter: number;
  readonly challenge: string;
}

/** What a credential with this key has signed. The counter is compared later, under the lock of the passkey. */
export async function verifyGiven(
  { rpId, origin }: PasskeySite,
  credential: GivenCredential,
  publicKey: Uint8Array,
  isExpected: IsExpected,
): Promise<Assertion | undefined> {
  const { verifyAuthenticationResponse } = await library();
  return unlessWrong(async () => {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...credential, clientExtensionResults: {} },
      credential: { id: credential.id, publicKey: Uint8Array.from(publicKey), counter: 0 },
      ...{ expectedChallenge: isExpected, expectedOrigin: origin, expectedRPID: rpId, requireUserVerification: true },
    });
    if (!verified) return undefined;
    return { counter: authenticationInfo.newCounter, challenge: challengeOf(credential) };
  });
}

/** The library throws an `Error` for whatever does not fit. */
async function unlessWrong<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}

/** Throws for a frame in a page of another origin, which the library lets pass where the browser does not say which one. */
function challengeOf({ response }: NewCredential | GivenCredential): string {
  const client: unknown = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString());
  const { challenge, crossOrigin } = client as { challenge: string; crossOrigin?: unknown };
  if (crossOrigin === true) throw new Error('used in a frame of another origin');
  return challenge;
}
