/** Where the page finds its servers, from the file `site.json` beside it. */

export interface Site {
  /** Address of the REST API. */
  readonly api: string;
  readonly gateways: readonly string[];
  /** Id or subdomain of the tenant whose users sign in here; without one there are no accounts. */
  readonly tenant?: string;
  /** Ready-made sign-ins of a development server. Each request makes new tokens. */
  readonly users?: readonly DemoUser[];
}

export interface DemoUser {
  readonly externalId: string;
  readonly displayName: string;
  readonly userId: string;
  readonly token: string;
}

/** Throws when the server does not answer. */
export async function loadSite(): Promise<Site> {
  const answer = await fetch('./site.json', { cache: 'no-store' });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return (await answer.json()) as Site;
}

/** A new token for the same person. Throws when the server does not answer or no longer knows them. */
export async function freshToken(externalId: string): Promise<string> {
  const { users = [] } = await loadSite();
  const user = users.find((each) => each.externalId === externalId);
  if (user === undefined) throw new Error(`nobody is called ${externalId}`);
  return user.token;
}
