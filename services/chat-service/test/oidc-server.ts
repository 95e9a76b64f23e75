/** An OpenID Connect provider of a test's own, at whose pages people sign in. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Configuration, Provider } from 'oidc-provider';
import { type Fill, REDIRECT_URI, visitPages } from './sign-in-browser.ts';

export const CLIENT = { client_id: 'messagecore', client_secret: 'a secret of the client' };

export interface OidcServer {
  readonly issuer: string;
  /** What the provider says of each person, by the name with which they sign in. */
  readonly people: Map<string, Readonly<Record<string, unknown>>>;
  /** Goes where the browser is sent, signs in as this person and allows everything; where the browser is sent back to. */
  visit(url: string, person: string): Promise<URL>;
  stop(): Promise<void>;
}

export async function startOidcServer(more: Configuration = {}): Promise<OidcServer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const people: OidcServer['people'] = new Map();
  const provider = new Provider(issuer, {
    clients: [
      { ...CLIENT, redirect_uris: [REDIRECT_URI], response_types: ['code'], grant_types: ['authorization_code'] },
    ],
    claims: {
      openid: ['sub'],
      profile: ['name', 'groups', 'realm_access'],
      email: ['email', 'email_verified'],
    },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
    cookies: { keys: ['a key of the tests'] },
    ...more,
  });
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));
  return {
    issuer,
    people,
    visit: (url, person) => visitPages(url, REDIRECT_URI, signInAs(person)),
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Signs in as this person, and allows everything. */
const signInAs =
  (person: string): Fill =>
  (page) => {
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    return prompt === undefined ? undefined : { prompt, login: person, password: 'any' };
  };
