/** Where PostgreSQL is: `DATABASE_URL` as libpq reads it, with several hosts, IPv6 addresses and Unix sockets. */

import { isIPv6 } from 'node:net';

/** A host name, an IP address without brackets, or the folder of a Unix socket, which begins with a slash. */
export interface DatabaseHost {
  readonly host: string;
  readonly port: number;
}

const TLS_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

const TARGETS = ['any', 'read-write', 'primary'] as const;
/** Which servers will do: all of them, those that take writes, or those that are no standby. */
export type TargetServer = (typeof TARGETS)[number];

export interface DatabaseAddress {
  /** At least one, in the order in which they are tried. */
  readonly hosts: readonly DatabaseHost[];
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly tls: TlsMode;
  /** Files of the certificate authority, and of the certificate and key to show to the server. */
  readonly rootCertificate?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly target: TargetServer;
  readonly connectTimeoutMs?: number;
  /** What else the URL asks for: settings of the session. */
  readonly settings: Readonly<Record<string, string>>;
}

const SCHEME = /^postgres(?:ql)?:\/\//;
const PORT = 5432;

/** @throws Error saying what is wrong, without showing the password. */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  const scheme = SCHEME.exec(url)?.[0];
  if (scheme === undefined) throw new Error('must be a URL that starts with postgres:// or postgresql://');
  const [beforeQuery = '', ...query] = url.slice(scheme.length).split('?');
  const slash = beforeQuery.indexOf('/');
  const authority = slash < 0 ? beforeQuery : beforeQuery.slice(0, slash);
  const database = slash < 0 ? '' : decoded(beforeQuery.slice(slash + 1), 'name of the database');
  const at = authority.lastIndexOf('@');
  const [user = '', ...password] = at < 0 ? [] : authority.slice(0, at).split(':');
  const parameters = parametersOf(query.join('?'));
  const take = (name: string) => {
    const value = parameters.get(name);
    parameters.delete(name);
    return value === '' ? undefined : value;
  };
  const hosts = hostsOf(take('host') ?? authority.slice(at + 1), take('port'));
  const connectTimeout = take('connect_timeout');
  const address = {
    hosts,
    ...given('user', take('user') ?? decoded(user, 'user')),
    ...given('password', take('password') ?? decoded(password.join(':'), 'password')),
    ...given('database', take('dbname') ?? database),
    tls: oneOf('sslmode', TLS_MODES, take('sslmode') ?? take('ssl') ?? 'disable'),
    ...given('rootCertificate', take('sslrootcert')),
    ...given('certificate', take('sslcert')),
    ...given('key', take('sslkey')),
    // Who names several servers means the one among them that takes writes.
    target: oneOf('target_session_attrs', TARGETS, take('target_session_attrs') ?? (hosts[1] ? 'read-write' : 'any')),
    ...(connectTimeout !== undefined && { connectTimeoutMs: seconds(connectTimeout) * 1_000 }),
  };
  return { ...address, settings: Object.fromEntries(parameters) };
}

function given<K extends string>(name: K, value: string | undefined): { readonly [N in K]?: string } {
  return (value === undefined || value === '' ? {} : { [name]: value }) as { readonly [N in K]?: string };
}

function hostsOf(list: string, ports: string | undefined): DatabaseHost[] {
  const portOf = ports?.split(',') ?? [];
  return list.split(',').map((text, n) => {
    const { host, port } = hostAndPort(text.trim());
    const separate = portOf.length === 1 ? portOf[0] : portOf[n];
    return { host, port: portNumber(port ?? separate) };
  });
}

function hostAndPort(text: string): { host: string; port: string | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) {
    const [, inside = '', port] = bracketed;
    // The name of an interface may follow: fe80::1%25eth0.
    const host = decoded(inside, 'host');
    if (!isIPv6(host)) throw new Error(`"[${inside}]" is no IPv6 address`);
    return { host, port };
  }
  if (text.startsWith('/')) return { host: text, port: undefined };
  const [host = '', port, ...more] = text.split(':');
  if (more.length > 0)
    throw new Error(`"${text}" is no host with a port: IPv6 addresses stand in brackets, [::1]:5432`);
  return { host: decoded(host, 'host') || 'localhost', port };
}

function portNumber(text: string | undefined): number {
  if (text === undefined || text === '') return PORT;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new Error(`"${text}" is no port number`);
  return port;
}

function parametersOf(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&').filter(Boolean)) {
    const [name = '', ...value] = pair.split('=');
    if (value.length === 0) throw new Error(`"${name}" has no value: name=value`);
    parameters.set(decoded(name, 'parameter'), decoded(value.join('='), name));
  }
  return parameters;
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`the ${what} is not percent-encoded as it should be`);
  }
}

function oneOf<T extends string>(name: string, known: readonly T[], text: string): T {
  const found = known.find((each) => each === text);
  if (found === undefined) throw new Error(`${name} must be one of ${known.join(', ')}`);
  return found;
}

function seconds(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error('connect_timeout must be a whole number of seconds');
  return Number(text);
}
