/** Who asks. Found out once, at the door; everything behind it takes a caller's word for nothing. */
import type { ApiKeyScope } from '@messagecore/protocol/features';

/** A user, by token. */
export interface UserCaller {
  readonly type: 'user';
  readonly tid: string;
  readonly uid: string;
  /** The device that the token was made for. */
  readonly clientId: string | undefined;
  /** As the token says; the issuer's words, not ours. */
  readonly roles: readonly string[];
}

/** A tenant's back end, by API key; `uid` is the user for whom it acts, if it named one. */
export interface BackEndCaller {
  readonly type: 'backend';
  readonly tid: string;
  readonly uid: string | undefined;
  readonly keyId: string;
  readonly scopes: readonly ApiKeyScope[];
}

/** The platform's operator. */
export interface OperatorCaller {
  readonly type: 'operator';
}

export type TenantCaller = UserCaller | BackEndCaller;
export type Caller = TenantCaller | OperatorCaller;

/** A user who acts, whoever speaks for them. */
export interface Actor {
  readonly tid: string;
  readonly uid: string;
}
