/**
 * Statuses of REST answers that are not errors of the catalogue. Errors take theirs from `ERRORS`; no other module
 * writes these numbers.
 */
export const STATUS = {
  ok: 200,
  created: 201,
  noContent: 204,
  notModified: 304,
  /** The request did not arrive as a whole in time. With `bad_request`. */
  requestTimeout: 408,
  /** Of a tenant's endpoint: it understands the request, and cannot do it. */
  unprocessable: 422,
  /** Names and values before the body are too long. With `too_large`. */
  headTooLarge: 431,
} as const;

/** Request headers that name the caller and guard repeats, as Node spells them. */
export const HEADERS = {
  apiKey: 'x-api-key',
  onBehalfOf: 'x-on-behalf-of',
  adminKey: 'x-admin-key',
  idempotencyKey: 'idempotency-key',
  retryAfter: 'retry-after',
  rateLimit: 'ratelimit-limit',
  rateLimitRemaining: 'ratelimit-remaining',
  rateLimitReset: 'ratelimit-reset',
} as const;
