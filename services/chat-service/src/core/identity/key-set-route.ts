import type { App } from '../../platform/http/app-type.ts';
import { sharedFile } from '../../platform/http/shared-file.ts';
import { publishedKeys, type SigningKeys } from './signing-keys.ts';

/** How long clients may keep the key set: a new key is published for longer before it signs. */
const CACHE_SECONDS = 300;

/** Publishes the keys that check users' tokens; none where tokens are signed with a secret. */
export function keySetRoute(app: App, keys: SigningKeys): void {
  const serve = sharedFile(() => JSON.stringify(publishedKeys(keys)), 'application/jwk-set+json', CACHE_SECONDS);
  app.get('/.well-known/jwks.json', { config: { access: 'anyone' }, schema: { hide: true } }, serve);
}
