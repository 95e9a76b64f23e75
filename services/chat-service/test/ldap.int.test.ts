/** LDAP against a real directory, over StartTLS. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { type DevServer, startSlapd } from '@messagecore/dev-servers';
import { LdapSettings } from '@messagecore/protocol/features';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { MOST_BYTES } from '../src/features/sso/bounded-socket.ts';
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

describe('[LAG-6] a directory that answers what cannot be read is unavailable, and ends no process', () => {
  /** The smallest answers there are, and one that never ends. */
  const answers: [string, Buffer, number][] = [
    ['with thousands of answers at once', Buffer.from('30050201016500'.repeat(9_362), 'hex'), 1],
    ['without end', Buffer.concat([Buffer.from('30847fffffff', 'hex'), Buffer.alloc(65_530)]), 10_000],
  ];
  const uncaught = vi.fn();
  beforeAll(() => void process.on('uncaughtException', uncaught));
  afterAll(() => void process.off('uncaughtException', uncaught));

  test.each(
    answers.flatMap((one) =>
      (['ldaps:', 'ldap: with StartTLS', 'ldap: before StartTLS'] as const).map((way) => [way, ...one] as const),
    ),
  )('over %s %s', async (way, _, chunk, times) => {
    const credentials = { cert: ca, key: await readFile(join(dir, 'key.pem')) };
    let sent = 0;
    const flood = (socket: Socket) => {
      socket.on('error', () => {});
      socket.once('data', () => void send(socket));
    };
    const send = async (socket: Socket) => {
      for (let n = 0; n < times && !socket.destroyed; n += 1) {
        sent += chunk.length;
        await new Promise((written) => socket.write(chunk, written));
      }
    };
    const startTls = (socket: Socket) => {
      socket.on('error', () => {});
      socket.once('data', (request: Buffer) => {
        // An ExtendedResponse to that message: success.
        const id = request[4] ?? 0;
        socket.write(Buffer.from([0x30, 12, 2, 1, id, 0x78, 7, 0x0a, 1, 0, 4, 0, 4, 0]));
        flood(new TLSSocket(socket, { isServer: true, ...credentials }));
      });
    };
    const [scheme] = way.split(' ');
    const plain = way === 'ldap: before StartTLS' ? flood : startTls;
    const server = scheme === 'ldap:' ? createServer(plain) : createTlsServer(credentials, flood);
    server.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const url = `${scheme}//localhost:${(server.address() as AddressInfo).port}`;
    await expect(ask('ann', 'her password', { url })).rejects.toMatchObject({ code: 'unavailable' });
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(times === 1 ? 100_000 : 4 * MOST_BYTES);
    expect(uncaught).not.toHaveBeenCalled();
  });
});
