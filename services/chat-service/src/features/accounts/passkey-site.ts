import { ChatError } from '@messagecore/protocol';

/** The web site whose pages make and use passkeys. */
export interface PasskeySite {
  /** The relying party: a host name. Browsers offer a passkey there alone. */
  readonly rpId: string;
  readonly origin: string;
}

/** That of the page to which mails lead. Undefined without a page, and where its host is an address: WebAuthn needs a name. */
export function passkeySite(appUrl: string | undefined): PasskeySite | undefined {
  if (appUrl === undefined) return undefined;
  const { hostname, origin } = new URL(appUrl);
  const isAddress = hostname.startsWith('[') || /^[\d.]+$/.test(hostname);
  return isAddress ? undefined : { rpId: hostname, origin };
}

/** Throws `forbidden` where there are no passkeys. */
export function siteOf({ site }: { readonly site: PasskeySite | undefined }): PasskeySite {
  if (site === undefined) throw new ChatError('forbidden', 'this service has no passkeys: APP_URL has no host name');
  return site;
}
