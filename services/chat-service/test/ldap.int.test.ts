/** LDAP against a real directory, over StartTLS. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevServer, startSlapd } from '@messagecore/dev-servers';
import { LdapSettings } from '@messagecore/protocol/features';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askDirectory, type LdapProvider } from '../src/features/sso/ldap.ts';
import { createAddressGuard } from '../src/platform/outbound/address.ts';

const SUFFIX = 'dc=example,dc=org';
const ADMIN = { dn: `cn=admin,${SUFFIX}`, password: 'a password of the admin' };
const guard = createAddressGuard(['127.0.0.0/8']);

let dir: string;
let slapd: DevServer;
let ca: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'messagecore-ldap-'));
  await chmod(dir, 0o755);
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const files = ['-keyout', key, '-out', cert];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names, ...files];
  execFileSync('openssl', args, { stdio: 'ignore' });
  ca = await readFile(cert, 'utf8');
  slapd = await startSlapd({
    ...{ dataDir: join(dir, 'slapd'), log: () => {} },
    ...{ suffix: SUFFIX, adminPassword: `"${ADMIN.password}"`, tls: { cert, key } },
  });
  await fill();
}, 240_000);
afterAll(async () => {
  await slapd?.stop();
  await rm(dir, { recursive: true, force: true });
});

async function fill(): Promise<void> {
  const client = new Client({ url: slapd.url });
  await client.bind(ADMIN.dn, ADMIN.password);
  await client.add(SUFFIX, { objectClass: ['dcObject', 'organization'], dc: 'example', o: 'Example' });
  const person = (uid: string, cn: string, userPassword: string) =>
    client.add(`uid=${uid},${SUFFIX}`, {
      objectClass: 'inetOrgPerson',
      ...{ uid, cn, sn: cn, mail: `${uid}@example.org`, userPassword },
    });
  await person('ann', 'Ann 安', 'ann’s password');
  await person('bob', 'Bob', 'bob’s password');
  await person('star*', 'Star', 'star’s password');
  await client.add(`cn=chat-admins,${SUFFIX}`, {
    ...{ objectClass: 'groupOfNames', cn: 'chat-admins', member: `uid=ann,${SUFFIX}` },
  });
  await client.unbind();
}

function provider(more: Partial<LdapSettings> = {}, secret: string = ADMIN.password): LdapProvider {
  const settings = LdapSettings.parse({
    ...{ kind: 'ldap', name: 'Directory', url: slapd.url.replace('127.0.0.1', 'localhost'), ca },
    ...{ bindDn: ADMIN.dn, baseDn: SUFFIX, ...more },
  });
  return { tid: 'tenant', id: 'directory', settings, secret, keptBy: 'operator' };
}
const ask = (username: string, password: string, more: Partial<LdapSettings> = {}) =>
  askDirectory(provider(more), guard, { username, password });

test('[ACC-3] the right password shows who somebody is, with attributes and groups', async () => {
  const entry = await ask('ann', 'ann’s password', { groupFilter: '(member={dn})' });
  expect(entry?.id).toMatch(/^[0-9a-f-]{36}$/);
  expect(entry?.claims).toMatchObject({
    ...{ cn: 'Ann 安', mail: 'ann@example.org' },
    memberOf: `cn=chat-admins,${SUFFIX}`,
    groups: [`cn=chat-admins,${SUFFIX}`, 'chat-admins'],
  });
  expect((await ask('bob', 'bob’s password', { groupFilter: '(member={dn})' }))?.claims).toMatchObject({ groups: [] });
});

describe('[ACC-3] nobody is', () => {
  test.each([
    ['a wrong password', 'ann', 'wrong'],
    ['an empty password, with which servers let anybody bind', 'ann', ''],
    ['an unknown name', 'nobody', 'ann’s password'],
    ['a name that is a pattern', '*', 'ann’s password'],
    ['a name that ends the filter', 'ann)(uid=*', 'ann’s password'],
    ['a name that is everybody', 'x)(|(uid=*', 'ann’s password'],
    ['a name with NUL', 'ann\0', 'ann’s password'],
  ])('%s', async (_, username, password) => {
    expect(await ask(username, password)).toBeUndefined();
  });

  test('a name that several have', async () => {
    expect(await ask('ann', 'ann’s password', { filter: '(|(uid={username})(uid=bob))' })).toBeUndefined();
  });
});

test('[ACC-3] a name with characters that filters know is found as it is', async () => {
  expect((await ask('star*', 'star’s password'))?.claims).toMatchObject({ cn: 'Star' });
});

describe('[ACC-3] unavailable is', () => {
  test('a directory whose certificate is not known, or is another’s', async () => {
    await expect(ask('ann', 'ann’s password', { ca: undefined })).rejects.toMatchObject({ code: 'unavailable' });
    const other = slapd.url.replace('127.0.0.1', '127.0.0.2');
    await expect(ask('ann', 'ann’s password', { url: other })).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('a directory that does not take the account with which it is searched', async () => {
    const wrong = askDirectory(provider({}, 'wrong'), guard, { username: 'ann', password: 'ann’s password' });
    await expect(wrong).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('bindDn') });
  });

  test('a directory at an address that must not be reached', async () => {
    for (const url of [slapd.url, slapd.url.replace('127.0.0.1', 'localhost')]) {
      const asked = askDirectory(provider({ url }), createAddressGuard(), { username: 'ann', password: 'x' });
      await expect(asked).rejects.toMatchObject({ code: 'unavailable' });
    }
  });
});
