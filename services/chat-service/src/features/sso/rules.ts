import { ChatError } from '@messagecore/protocol';
import type { Keeper, ProviderSettings, RoleRule, TenantRole } from '@messagecore/protocol/features';

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

/**
 * Whether all that is said to the provider is encrypted. With StartTLS the first answer is not, which is read before anybody has
 * shown who they are: a tenant's is not asked so.
 */
export function isEncrypted(settings: ProviderSettings, keptBy: Keeper): boolean {
  return settings.kind === 'oidc'
    ? settings.issuer.startsWith('https:')
    : settings.url.startsWith('ldaps:') || (keptBy === 'operator' && settings.startTls);
}

/** Settings by which a subject names somebody: with others it would name somebody else. */
const MEANING = {
  oidc: ['issuer'],
  ldap: ['url', 'baseDn', 'idAttribute'],
} as const;

/** The names of those that differ. */
export function changedSubjects(before: ProviderSettings, after: ProviderSettings): string[] {
  const names: readonly string[] = ['kind', ...MEANING[before.kind]];
  return names.filter((name) => Reflect.get(before, name) !== Reflect.get(after, name));
}

/** Throws `bad_request` where the users who are known to the provider would become others. */
export function checkSameSubjects(before: ProviderSettings, after: ProviderSettings): void {
  const changed = changedSubjects(before, after);
  if (changed.length === 0) return;
  const message = 'does not change, as users of this identity provider would become others: make a new provider';
  const errors = changed.map((name) => ({ path: `settings.${name}`, message }));
  throw new ChatError('bad_request', `settings.${changed[0]}: ${message}`, { errors });
}
