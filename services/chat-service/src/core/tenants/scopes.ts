import { ALL_SCOPES, type ApiKeyScope } from '@messagecore/protocol/features';

/** The scopes of keys that were made before 0039, as sets of those of today. */
const FORMER: ReadonlyMap<string, readonly ApiKeyScope[]> = new Map([
  ['read', ALL_SCOPES.filter((scope) => scope.endsWith(':read'))],
  ['write', ALL_SCOPES.filter((scope) => scope.endsWith(':write') && scope !== 'tokens:write')],
  ['tokens', ['tokens:write']],
]);

/** What a key may do, from what is stored with it. A later version may have written others: they grant nothing here. */
export function scopesOf(stored: readonly string[]): ApiKeyScope[] {
  const granted = new Set(stored.flatMap<string>((scope) => FORMER.get(scope) ?? [scope]));
  return ALL_SCOPES.filter((scope) => granted.has(scope));
}
