/** Asks a directory whose user name and password it was given (RFC 4511): search, then bind as what was found. */
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { ChatError } from '@messagecore/protocol';
import type { LdapSettings } from '@messagecore/protocol/features';
import { Client, type Entry, InvalidCredentialsError, NoSuchObjectError, SizeLimitExceededError } from 'ldapts';
import type { AddressGuard } from '../../platform/outbound/address.ts';
import { OutboundError } from '../../platform/outbound/outbound-error.ts';
import { bounded } from './bounded-socket.ts';
import type { UsableProvider } from './find-provider.ts';
import { type Claims, isEncrypted, textOf } from './rules.ts';

/** Of a connection, and of each answer. */
const TIMEOUT_MS = 5_000;
/** Groups of one person that are looked at. */
const GROUPS = 1_000;

export type LdapProvider = UsableProvider<LdapSettings>;

/** What the directory says of a person. */
export interface DirectoryEntry {
  /** Of the attribute that names people for ever. */
  readonly id: string;
  readonly claims: Claims;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Undefined when the user name, the password or both are wrong, or the name is that of several. Throws `unavailable` when the
 * directory cannot be reached, or does not take the account with which it is searched.
 */
export async function askDirectory(
  provider: LdapProvider,
  guard: AddressGuard,
  { username, password }: Credentials,
): Promise<DirectoryEntry | undefined> {
  const { settings } = provider;
  // A bind without a password succeeds for anybody (RFC 4513, 5.1.2).
  if (password === '') return undefined;
  try {
    return await withClient(provider, guard, async (search) => {
      if (settings.bindDn !== '') await bindToSearch(search, settings.bindDn, provider.secret ?? '');
      const entry = await findPerson(search, settings, username);
      if (entry === undefined || !(await withClient(provider, guard, (own) => mayBind(own, entry.dn, password)))) {
        return undefined;
      }
      const id = idOf(entry, settings.idAttribute);
      if (id === undefined) throw new ChatError('unavailable', `the directory: no attribute ${settings.idAttribute}`);
      const groups = await groupsOf(search, settings, entry.dn);
      return { id, claims: { ...entry, ...(groups && { groups }) } };
    });
  } catch (error) {
    if (error instanceof ChatError) throw error;
    const reason = error instanceof OutboundError ? error.message : 'it cannot be reached, or not understood';
    throw new ChatError('unavailable', `the directory: ${reason}`, { cause: error });
  }
}

/** Each connection is encrypted before anything is said, unless the settings say otherwise, which a tenant's may not. */
async function withClient<T>(
  { settings, keptBy }: LdapProvider,
  guard: AddressGuard,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  if (keptBy === 'tenant' && !isEncrypted(settings, keptBy))
    throw new OutboundError('url', 'it must be asked over TLS');
  const { hostname } = new URL(settings.url);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !guard.allows(host)) throw new OutboundError('address', `${host} is not a public address`);
  const tls: ConnectionOptions = {
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ...(settings.ca !== undefined && { ca: settings.ca }),
  };
  const client = new Client({
    url: settings.url,
    timeout: TIMEOUT_MS,
    connectTimeout: TIMEOUT_MS,
    createConnection: (port: unknown) => bounded(connectTcp({ port: Number(port), host, lookup: guard.lookup })),
    createSecureConnection: (first: number | ConnectionOptions) =>
      bounded(
        typeof first === 'number'
          ? connectTls({ ...tls, port: first, lookup: guard.lookup })
          : connectTls({ ...tls, ...first }),
      ),
  });
  try {
    if (settings.url.startsWith('ldap:') && settings.startTls) await client.startTLS(tls);
    return await work(client);
  } finally {
    await client.unbind().catch(() => {});
  }
}

async function bindToSearch(client: Client, dn: string, password: string): Promise<void> {
  try {
    await client.bind(dn, password);
  } catch (error) {
    if (!(error instanceof InvalidCredentialsError)) throw error;
    throw new ChatError('unavailable', 'the directory does not take bindDn with the secret of this identity provider');
  }
}

async function findPerson(
  client: Client,
  { baseDn, filter, idAttribute }: LdapSettings,
  username: string,
): Promise<Entry | undefined> {
  try {
    const { searchEntries } = await client.search(baseDn, {
      scope: 'sub',
      filter: filter.replaceAll('{username}', () => escapeFilter(username)),
      sizeLimit: 2,
      timeLimit: TIMEOUT_MS / 1_000,
      attributes: ['*', 'memberOf', idAttribute],
      explicitBufferAttributes: [idAttribute],
    });
    return searchEntries.length === 1 ? searchEntries[0] : undefined;
  } catch (error) {
    if (error instanceof SizeLimitExceededError || error instanceof NoSuchObjectError) return undefined;
    throw error;
  }
}

async function mayBind(client: Client, dn: string, password: string): Promise<boolean> {
  try {
    await client.bind(dn, password);
    return true;
  } catch (error) {
    if (error instanceof InvalidCredentialsError) return false;
    throw error;
  }
}

async function groupsOf(client: Client, settings: LdapSettings, dn: string): Promise<string[] | undefined> {
  const { groupFilter, groupBaseDn = settings.baseDn } = settings;
  if (groupFilter === undefined) return undefined;
  const { searchEntries } = await client.search(groupBaseDn, {
    scope: 'sub',
    filter: groupFilter.replaceAll('{dn}', () => escapeFilter(dn)),
    sizeLimit: GROUPS,
    attributes: ['cn'],
  });
  return searchEntries.flatMap((group) => [group.dn, textOf(group['cn']) ?? group.dn]);
}

/** A name as text; one that is not, such as Active Directory's objectGUID, in hex. */
function idOf(entry: Entry, attribute: string): string | undefined {
  const value = [entry[attribute] ?? []].flat()[0];
  if (value === undefined || value.length === 0) return undefined;
  if (typeof value === 'string') return value;
  const text = value.toString('utf8');
  return /^[\x20-\x7e]+$/.test(text) ? text : value.toString('hex');
}

/** RFC 4515, 3. */
export function escapeFilter(value: string): string {
  return value.replace(/[\\*()\0]/g, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
