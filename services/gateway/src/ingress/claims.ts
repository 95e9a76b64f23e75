import { TenantId, UserId } from '@messagecore/protocol';

/**
 * The tenant and user that an unverified token names. Only for preparing what a valid token would need. Undefined when
 * it cannot be read.
 */
export function unverifiedAccountOf(jwt: string): { readonly tid: string; readonly uid: string } | undefined {
  const payload = jwt.split('.', 3)[1] ?? '';
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown;
    if (typeof claims !== 'object' || claims === null) return undefined;
    const { tid, sub } = claims as { readonly tid?: unknown; readonly sub?: unknown };
    const [tenant, user] = [TenantId.safeParse(tid), UserId.safeParse(sub)];
    return tenant.success && user.success ? { tid: tenant.data, uid: user.data } : undefined;
  } catch {
    return undefined;
  }
}
