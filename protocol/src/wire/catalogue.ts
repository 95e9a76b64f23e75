/** The catalogue of errors and close codes, without the schemas and their library, so that clients stay small. */

/**
 * What a client should do after an error:
 * `never` - the same request will be refused again; `fix` - change the request; `later` - send the very same request
 * again (same `mid`) after `retryAfterMs`; `token` - get a new token first; `rejoin` - drop the local copy and join anew.
 */
export type Retry = 'never' | 'fix' | 'later' | 'token' | 'rejoin';

interface ErrorEntry {
  /** Status of the REST answer. */
  readonly http: number;
  /** Close code when this error ends a connection; null when it never does. */
  readonly close: number | null;
  readonly retry: Retry;
  readonly title: string;
}

/** Close codes and their names. No other module writes these numbers. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  tooLarge: 1009,
  restart: 1012,
  tooFarBehind: 1013,
  malformed: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  timeout: 4408,
  flooding: 4429,
} as const;

/** What a client is told when a connection ended without a close frame. Never sent. */
export const ABNORMAL_CLOSE = 1006;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/**
 * How a client goes on after a close: `stop` - stay away until a person changes something; `told` - reconnect after the
 * delay that `bye` gave; `later` - reconnect with exponential back-off and jitter; `token` - get a new token, then
 * reconnect; `fix` - reconnect, but do not send again what led to the close.
 */
export type Reconnect = 'stop' | 'told' | 'later' | 'token' | 'fix';

export const RECONNECT = {
  [CLOSE.normal]: 'stop',
  [CLOSE.goingAway]: 'told',
  [CLOSE.tooLarge]: 'fix',
  [CLOSE.restart]: 'told',
  [CLOSE.tooFarBehind]: 'later',
  [CLOSE.malformed]: 'fix',
  [CLOSE.unauthorized]: 'token',
  [CLOSE.forbidden]: 'stop',
  [CLOSE.timeout]: 'later',
  [CLOSE.flooding]: 'later',
} as const satisfies Record<CloseCode, Reconnect>;

/** The one list of errors. Every code maps to an HTTP status, a close code or none, and advice. */
export const ERRORS = {
  bad_frame: { http: 400, close: CLOSE.malformed, retry: 'fix', title: 'The frame is malformed or of an unknown type' },
  bad_request: { http: 400, close: null, retry: 'fix', title: 'A field is missing or wrong' },
  method_not_allowed: { http: 405, close: null, retry: 'fix', title: 'The path does not take this method' },
  unsupported_media_type: { http: 415, close: null, retry: 'fix', title: 'A body of a type that is not taken' },
  cursor_ahead: { http: 409, close: null, retry: 'rejoin', title: 'The cursor is beyond the conversation’s head' },
  unauthorized: { http: 401, close: CLOSE.unauthorized, retry: 'token', title: 'The token is missing, bad or expired' },
  forbidden: { http: 403, close: CLOSE.forbidden, retry: 'never', title: 'Not allowed' },
  not_member: { http: 403, close: null, retry: 'never', title: 'Not a participant of the conversation' },
  not_found: { http: 404, close: null, retry: 'never', title: 'Not found' },
  muted: { http: 403, close: null, retry: 'never', title: 'Muted in this conversation' },
  blocked: { http: 403, close: null, retry: 'never', title: 'One of the two users has blocked the other' },
  conflict: { http: 409, close: null, retry: 'fix', title: 'Conflicts with the present state' },
  mid_taken: { http: 409, close: null, retry: 'fix', title: 'The mid belongs to a different message' },
  too_large: { http: 413, close: CLOSE.tooLarge, retry: 'fix', title: 'Too large' },
  rate_limited: { http: 429, close: CLOSE.flooding, retry: 'later', title: 'Too many requests' },
  quota_exceeded: { http: 429, close: null, retry: 'never', title: 'The quota is used up' },
  tenant_suspended: { http: 403, close: CLOSE.forbidden, retry: 'never', title: 'The tenant is suspended' },
  edit_window_over: { http: 403, close: null, retry: 'never', title: 'The time for editing is over' },
  e2ee_required: { http: 403, close: null, retry: 'fix', title: 'The conversation is end-to-end encrypted' },
  unsupported_kind: { http: 400, close: null, retry: 'fix', title: 'Unknown kind of message' },
  maintenance: { http: 503, close: CLOSE.tooFarBehind, retry: 'later', title: 'Under maintenance' },
  unavailable: { http: 503, close: CLOSE.tooFarBehind, retry: 'later', title: 'Temporarily unavailable: try again' },
  internal: { http: 500, close: CLOSE.tooFarBehind, retry: 'later', title: 'Internal error' },
} as const satisfies Record<string, ErrorEntry>;

/** Advice used when the server gives no better figure. */
export const DEFAULT_RETRY_AFTER_MS = 500;

/** An error of the catalogue. Thrown once, turned into a reply in one place (a frame, a problem document, a close). */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly code: keyof typeof ERRORS;
  readonly retryAfterMs: number | undefined;
  /** Field errors (`path: what was wrong`) for `bad_request`. */
  readonly errors: readonly FieldError[] | undefined;

  constructor(
    code: keyof typeof ERRORS,
    detail?: string,
    more: { retryAfterMs?: number; errors?: readonly FieldError[]; cause?: unknown } = {},
  ) {
    super(detail ?? ERRORS[code].title, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.retryAfterMs = more.retryAfterMs ?? (ERRORS[code].retry === 'later' ? DEFAULT_RETRY_AFTER_MS : undefined);
    this.errors = more.errors;
  }
}

/** One wrong field: where (dotted path, empty for the whole) and what. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}
