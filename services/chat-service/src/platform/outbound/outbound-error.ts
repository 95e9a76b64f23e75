/**
 * Why a request to the outside failed: `url` it is malformed or of a scheme that is not allowed, `address` it leads to a
 * network that must not be reached, `timeout`, `too_large` the answer is, `busy` too many requests to that host are under
 * way, `suspended` the host failed too often lately and is left alone for a while, `unreachable` anything else.
 */
export type OutboundReason = 'url' | 'address' | 'timeout' | 'too_large' | 'busy' | 'suspended' | 'unreachable';

export class OutboundError extends Error {
  readonly reason: OutboundReason;

  constructor(reason: OutboundReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OutboundError';
    this.reason = reason;
  }
}
