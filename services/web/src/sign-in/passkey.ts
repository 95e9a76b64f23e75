/** Passkeys, as the browser makes them and signs with them. What the service asks for goes in as it is, and what comes out goes back. */

type Parser = 'parseCreationOptionsFromJSON' | 'parseRequestOptionsFromJSON';

/** Whether there can be any on this page: browsers want a host name, and a secure connection. */
export function hasPasskeys(): boolean {
  const parsers: readonly Parser[] = ['parseCreationOptionsFromJSON', 'parseRequestOptionsFromJSON'];
  const isKnown = 'PublicKeyCredential' in globalThis && parsers.every((name) => name in PublicKeyCredential);
  return isKnown && isSecureContext && !isAddress(location.hostname);
}

const isAddress = (host: string): boolean => host.startsWith('[') || /^[\d.]+$/.test(host);

export async function makePasskey(options: PublicKeyCredentialCreationOptionsJSON): Promise<object> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return given(await navigator.credentials.create({ publicKey }));
}

export async function signWithPasskey(options: PublicKeyCredentialRequestOptionsJSON): Promise<object> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return given(await navigator.credentials.get({ publicKey }));
}

function given(credential: Credential | null): object {
  if (!(credential instanceof PublicKeyCredential)) throw new Error('the browser gave no passkey');
  return credential.toJSON();
}

/** Whether the person has closed the browser's dialog, which says by itself what else there is to say. */
export const wasCancelled = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');
