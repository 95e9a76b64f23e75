/** What accounts answer, as plain types; held equal to the schemas like those of wire.ts. */

/** A user's token, and what gets the next one: a new `refreshToken` each time. Times in milliseconds since 1970. */
export interface SignedIn {
  userId: string;
  clientId: string;
  token: string;
  expiresAt: number;
  refreshToken: string;
  refreshExpiresAt: number;
}

/** An identity provider that a tenant's users may sign in with. */
export interface OfferedProvider {
  providerId: string;
  kind: 'oidc' | 'ldap';
  name: string;
}

/** What a browser asks an authenticator for a passkey with. */
export interface PasskeyRequest {
  challenge: string;
  /** In milliseconds. */
  timeout: number;
  rpId: string;
  userVerification: 'required';
}
