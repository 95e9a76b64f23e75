import { writeFile, mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { acquire } from './acquire/acquire.ts';
import { SLAPD } from './acquire/program.ts';
import { fetchedKind } from './fetched-kind.ts';
import { logToStderr } from './log.ts';
import { accepts } from './probe.ts';
import { type DevServer, type ServerOptions, startServer } from './server.ts';

export interface SlapdOptions extends ServerOptions {
  /** The root of what it holds. */
  readonly suffix: string;
  /** Of the entry `cn=admin` below it, which may do everything. */
  readonly adminPassword: string;
  /** Files of a certificate and its key in PEM, with which `startTls` works. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** OpenLDAP's slapd on the loopback address, empty, with people (`inetOrgPerson`) and groups that know their members. */
export function startSlapd(options: SlapdOptions): Promise<DevServer> {
  const dataDir = resolve(options.dataDir);
  const { log = logToStderr } = options;
  return startServer({ ...options, dataDir }, async (port) => {
    const acquired = await acquire(SLAPD, { log, ways: ['path', 'apt', 'homebrew'] });
    const root = acquired.kind === 'image' ? '' : resolve(dirname(acquired.program.path), '../..');
    return fetchedKind(SLAPD, { ...options, acquired, dataDir, port }, async ({ host }) => {
      const configFile = join(dataDir, 'slapd.conf');
      await mkdir(join(dataDir, 'mdb'), { recursive: true });
      await writeFile(configFile, configuration(options, root, join(dataDir, 'mdb')));
      return {
        url: `ldap://127.0.0.1:${port}`,
        // In the foreground.
        args: ['-h', `ldap://${host}:${port}`, '-f', configFile, '-d', '0'],
        answers: () => accepts(port),
        stopSignal: 'SIGTERM',
      };
    });
  });
}

/** `root` is where the package's own files are: empty for those of the system. */
function configuration({ suffix, adminPassword, tls }: SlapdOptions, root: string, database: string): string {
  const schemas = ['core', 'cosine', 'inetorgperson'].map((name) => `include ${root}/etc/ldap/schema/${name}.schema`);
  return [
    ...schemas,
    `modulepath ${root}/usr/lib/ldap`,
    'moduleload back_mdb',
    'moduleload memberof',
    ...(tls ? [`TLSCertificateFile ${tls.cert}`, `TLSCertificateKeyFile ${tls.key}`] : []),
    'database mdb',
    'maxsize 67108864',
    `suffix "${suffix}"`,
    `rootdn "cn=admin,${suffix}"`,
    `rootpw ${adminPassword}`,
    `directory ${database}`,
    'index objectClass eq',
    'overlay memberof',
    '',
  ].join('\n');
}
