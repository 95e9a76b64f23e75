import type { RoleRule, TenantRole } from '@messagecore/protocol/features';

/** What a provider says of somebody, by the names of claims or attributes. */
export type Claims = Readonly<Record<string, unknown>>;

/** The role of the first rule that fits; undefined when none does, and the user keeps the role that it has. */
export function roleOf(rules: readonly RoleRule[], claims: Claims): TenantRole | undefined {
  return rules.find(({ claim, value }) => holds(claimAt(claims, claim), value))?.role;
}

/** `realm_access.roles` is the member `roles` of the claim `realm_access`, unless a claim has that very name. */
export function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

function holds(claim: unknown, value: string): boolean {
  return Array.isArray(claim) ? claim.includes(value) : claim === value;
}

/** The first text of a claim that has one or several. */
export function textOf(claim: unknown): string | undefined {
  const first: unknown = Array.isArray(claim) ? claim[0] : claim;
  return typeof first === 'string' && first.trim() !== '' ? first.trim() : undefined;
}
