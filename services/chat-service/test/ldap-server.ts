/** An LDAP directory of a test's own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSlapd } from '@messagecore/dev-servers';
import { Client } from 'ldapts';

const SUFFIX = 'dc=example,dc=org';
const ADMIN = `cn=admin,${SUFFIX}`;
/** With which the directory is searched. */
export const LDAP_SECRET = 'secret';

export interface LdapServer {
  /** Of the identity provider. */
  readonly settings: { readonly baseDn: string } & object;
  stop(): Promise<void>;
}

/** Its people have a `uid` and a `userPassword`. */
export async function startLdapServer(
  ...people: readonly { uid: string; userPassword: string }[]
): Promise<LdapServer> {
  const dir = await mkdtemp(join(tmpdir(), 'messagecore-ldap-'));
  const options = { dataDir: join(dir, 'slapd'), suffix: SUFFIX, adminPassword: LDAP_SECRET, log: () => {} };
  const slapd = await startSlapd(options);
  const client = new Client({ url: slapd.url });
  await client.bind(ADMIN, LDAP_SECRET);
  await client.add(SUFFIX, { objectClass: ['dcObject', 'organization'], dc: 'example', o: 'Example' });
  for (const person of people) {
    const names = { cn: person.uid, sn: person.uid };
    await client.add(`uid=${person.uid},${SUFFIX}`, { objectClass: 'inetOrgPerson', ...names, ...person });
  }
  await client.unbind();
  return {
    settings: {
      ...{ kind: 'ldap', name: 'Directory', url: slapd.url, startTls: false },
      ...{ bindDn: ADMIN, baseDn: SUFFIX },
    },
    async stop() {
      await slapd.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
