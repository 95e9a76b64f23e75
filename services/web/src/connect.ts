import { Accounts, type Client, createClient } from '@messagecore/sdk';
import type { Language } from './i18n/language.ts';
import { type DemoUser, freshToken, type Site } from './site.ts';

const DEVICE = 'messagecore.device';

/** A client for one of the demo's people in this tab: each tab is a device of its own, kept over reloads. */
export function connectAs({ api, gateways }: Site, { externalId, token }: DemoUser): Client {
  let first: string | undefined = token;
  return createClient({
    url: gateways,
    api,
    clientId: deviceIn(sessionStorage),
    token: () => {
      const given = first;
      first = undefined;
      return given ?? freshToken(externalId);
    },
  });
}

/** A client for whoever is signed in. */
export function connectSignedIn({ api, gateways }: Site, accounts: Accounts): Client {
  return createClient({ url: gateways, api, clientId: deviceIn(localStorage), token: accounts.token });
}

/** Undefined where the site has no accounts. All tabs of the browser are one device, and share one sign-in. */
export function accountsOf({ api, tenant }: Site, locale: Language): Accounts | undefined {
  if (tenant === undefined) return undefined;
  return new Accounts({ api, tenant, locale, storage: localStorage, clientId: deviceIn(localStorage) });
}

function deviceIn(storage: Storage): string {
  const kept = storage.getItem(DEVICE);
  if (kept !== null) return kept;
  const made = `web-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
  storage.setItem(DEVICE, made);
  return made;
}
