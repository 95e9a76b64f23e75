import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { giveTo, unprivilegedAccount } from '@messagecore/dev-servers';

/** Files of an authority, and of a certificate that it has signed for `localhost` and 127.0.0.1. */
export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  /** Belongs to the account that servers run as. */
  readonly key: string;
}

export async function makeCertificates(folder: string): Promise<Certificates> {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = ['-newkey', 'rsa:2048', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    '/CN=an authority',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.crt'),
  );
  openssl('req', ...newKey, '-subj', '/CN=localhost', '-keyout', file('server.key'), '-out', file('server.csr'));
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signed = [
    '-CA',
    file('ca.crt'),
    '-CAkey',
    file('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    file('names'),
  ];
  openssl('x509', '-req', '-in', file('server.csr'), ...signed, '-out', file('server.crt'));
  for (const name of ['ca.crt', 'server.crt']) chmodSync(file(name), 0o644);
  chmodSync(file('server.key'), 0o600);
  await giveTo(unprivilegedAccount(), file('server.key'));
  return { authority: file('ca.crt'), certificate: file('server.crt'), key: file('server.key') };
}
