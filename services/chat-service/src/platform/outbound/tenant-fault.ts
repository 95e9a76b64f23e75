import { ChatError } from '@messagecore/protocol';

/** Why something is `unavailable` that depends on a tenant's own server: as the cause of that error. */
export class TenantFault extends Error {
  override readonly name = 'TenantFault';
}

/** Whether the error is no fault of the service: it is counted where it happens, and no line of the log above `debug`. */
export const isTenantFault = (error: unknown): boolean =>
  error instanceof ChatError && error.cause instanceof TenantFault;
