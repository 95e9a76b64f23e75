import { expect, test } from 'vitest';
import { parseDatabaseUrl } from './address.ts';

const hosts = (url: string) => parseDatabaseUrl(url).hosts.map(({ host, port }) => `${host} ${port}`);

test.each([
  ['postgres://db/chat', ['db 5432']],
  ['postgresql://u:p@db:6000/chat', ['db 6000']],
  ['postgres://u:p@[::1]:5433/chat', ['::1 5433']],
  ['postgres://u:p@[2001:db8::7]/chat', ['2001:db8::7 5432']],
  ['postgres://u:p@[fe80::1%25eth0]:5432/chat', ['fe80::1%eth0 5432']],
  ['postgres://u:p@[::1]:5432,host2:5433,10.0.0.3/db', ['::1 5432', 'host2 5433', '10.0.0.3 5432']],
  ['postgres://u:p@a,b:5433/db', ['a 5432', 'b 5433']],
  ['postgres://u@/db?host=/var/run/postgresql', ['/var/run/postgresql 5432']],
  ['postgres://u@%2Fvar%2Frun%2Fpg:5433/db', ['/var/run/pg 5433']],
  ['postgres:///db?host=a,b&port=1,2', ['a 1', 'b 2']],
  ['postgres://u:p@/db', ['localhost 5432']],
])('%s', (url, expected) => {
  expect(hosts(url)).toEqual(expected);
});

test('names and passwords are percent-decoded', () => {
  expect(parseDatabaseUrl('postgres://us%40er:p%2F%3A%40%2C%25@db/my%20db')).toMatchObject({
    user: 'us@er',
    password: 'p/:@,%',
    database: 'my db',
  });
  // As people write it all the same.
  expect(parseDatabaseUrl('postgres://u:p@ss@db/x')).toMatchObject({ user: 'u', password: 'p@ss' });
});

test('parameters of libpq, and settings of the session', () => {
  const url =
    'postgres://u@db/x?sslmode=verify-full&sslrootcert=/ca.pem&target_session_attrs=primary&connect_timeout=3&search_path=chat';
  expect(parseDatabaseUrl(url)).toMatchObject({
    tls: 'verify-full',
    rootCertificate: '/ca.pem',
    target: 'primary',
    connectTimeoutMs: 3_000,
    settings: { search_path: 'chat' },
  });
});

test('several hosts mean the one that takes writes, one host means that one', () => {
  expect(parseDatabaseUrl('postgres://a,b/x').target).toBe('read-write');
  expect(parseDatabaseUrl('postgres://a/x').target).toBe('any');
  expect(parseDatabaseUrl('postgres://a,b/x?target_session_attrs=any').target).toBe('any');
});

test.each([
  ['mysql://db/x', 'postgres://'],
  ['postgres://u:hunter2@::1/x', 'brackets'],
  ['postgres://u:hunter2@[::1/x', 'brackets'],
  ['postgres://u:hunter2@[db]/x', 'no IPv6 address'],
  ['postgres://u:hunter2@db:99999/x', 'no port number'],
  ['postgres://u:hunter2@db:abc/x', 'no port number'],
  ['postgres://u:hunter2%zz@db/x', 'the password is not percent-encoded'],
  ['postgres://u:hunter2@db/x?sslmode=on', 'sslmode must be one of disable'],
  ['postgres://u:hunter2@db/x?target_session_attrs=rw', 'target_session_attrs must be one of'],
  ['postgres://u:hunter2@db/x?sslmode', 'has no value'],
  ['postgres://u:hunter2@db/x?connect_timeout=soon', 'seconds'],
])('%s: refused, without the password', (url, reason) => {
  const parse = () => parseDatabaseUrl(url);
  expect(parse).toThrow(reason);
  expect(parse).not.toThrow('hunter2');
});
