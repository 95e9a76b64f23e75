/** Identity providers that answer: one of OpenID Connect and an LDAP directory, in both of which ann may sign in. */
import { HEADERS } from '@messagecore/protocol';
import { must, type TestTenant } from '@messagecore/testkit';
import { LDAP_SECRET, startLdapServer } from '../../services/chat-service/test/ldap-server.ts';
import { CLIENT, startOidcServer } from '../../services/chat-service/test/oidc-server.ts';
import { REDIRECT_URI } from '../../services/chat-service/test/sign-in-browser.ts';
import type { System } from './system.ts';

/** Of ann in the directory. */
export const LDAP_PASSWORD = 'ann’s password';

/** Where they are; chat-services must be allowed to ask there. */
export const PROVIDERS_NETWORK = '127.0.0.0/8';

export interface IdentityProviders {
  /** Adds both to a tenant: `company` and `directory`. */
  addTo(system: System, tenant: TestTenant): Promise<void>;
  /** Ann begins to sign in by `company`, and the provider sends her back: with what the sign-in ends. */
  comeBack(system: System, tenant: TestTenant): Promise<{ readonly flow: string; readonly query: string }>;
  stop(): Promise<void>;
}

export async function startIdentityProviders(): Promise<IdentityProviders> {
  const ann = { uid: 'ann', userPassword: LDAP_PASSWORD };
  const [oidc, directory] = await Promise.all([startOidcServer(), startLdapServer(ann)]);
  const company = {
    ...{ kind: 'oidc', name: 'Company', issuer: oidc.issuer, clientId: CLIENT.client_id },
    redirectUris: [REDIRECT_URI],
  };
  return {
    async addTo({ api }, { tenantId, adminKey }) {
      const headers = { [HEADERS.adminKey]: adminKey };
      const add = (body: object) =>
        must('POST', `${api}/admin/v1/tenants/${tenantId}/identity-providers`, { headers, body });
      await add({ providerId: 'company', settings: company, secret: CLIENT.client_secret });
      await add({ providerId: 'directory', settings: directory.settings, secret: LDAP_SECRET });
    },
    async comeBack({ api }, { tenantId }) {
      const body = { tenant: tenantId, providerId: 'company', redirectUri: REDIRECT_URI };
      const { url, flow } = await must<{ url: string; flow: string }>('POST', `${api}/v1/auth/oidc/start`, { body });
      return { flow, query: (await oidc.visit(url, 'ann')).search };
    },
    async stop() {
      await Promise.all([oidc.stop(), directory.stop()]);
    },
  };
}
