import { TenantId, UserId } from '@messagecore/protocol';

/**
 * Whom a token says it is of, unverified: good for nothing but to begin what a good token would need. Undefined when it
 * cannot be read.
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
