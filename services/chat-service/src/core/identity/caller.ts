/** Who calls. Determined once, when the request comes in; later code uses this and never what the request claims. */
import type { RpcToken } from '@messagecore/protocol/bus';
import type { ApiKeyScope } from '@messagecore/protocol/features';

/** A user, by token. */
export interface UserCaller {
  readonly type: 'user';
  readonly tid: string;
  readonly uid: string;
  /** The device that the token was made for. */
  readonly clientId: string | undefined;
  /** By which writes find a revocation since the token was verified. */
  readonly generation: number;
  /** As the token says. The issuer chose them; nothing here decides by them. */
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

/** The user who acts, whether by their own token or through the tenant's back end. */
export interface Actor {
  readonly tid: string;
  readonly uid: string;
  /** Of a user by a token of their own. */
  readonly token?: RpcToken | undefined;
}

/**
 * The back end behind a key and the user for whom it acts. Throws `unauthorized` for an unknown or revoked key,
 * `tenant_suspended`, `bad_request` for a malformed user, `not_found` for one that the tenant does not have,
 * `forbidden` for one who is deactivated.
 */
export type AuthenticateKey = (key: string, onBehalfOf: string | undefined) => Promise<BackEndCaller>;

/** Who asks: a user, or without `uid` the tenant's back end. */
export interface Reader {
  readonly tid: string;
  readonly uid: string | undefined;
  /** How the audit log names them, where that is not by `uid`: as `backend:<key id>`, or as what acts by itself. */
  readonly actor?: string;
  /** From where they ask, for the audit log. */
  readonly address?: string;
  /** False for an API key without the scope `admin`, whomever it acts for. */
  readonly administers?: boolean;
}

/** API keys begin with it. */
export const API_KEY_MARK = 'mck_';
