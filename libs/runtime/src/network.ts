import { isIPv4, isIPv6 } from 'node:net';

const BRACKETED = /^\[([^\]]*)\](?::\d{1,5})?$/;
const V4_WITH_PORT = /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/;
/** Clients for which a proxy gives no address (`unknown`, `_hidden`) share this key. */
const UNKNOWN = 'unknown';

/**
 * The IPv4 or IPv6 address of a peer, as itself or as a proxy names it: without a port, brackets and a zone, an IPv4 address that is
 * written as an IPv6 one as IPv4. Empty when there is none.
 */
export function addressIn(text: string | undefined): string {
  if (text === undefined) return '';
  const [bare = ''] = bareOf(text).toLowerCase().split('%', 1);
  if (isIPv4(bare)) return bare;
  return isIPv6(bare) ? (mappedV4(groupsOf(bare)) ?? bare) : '';
}

/**
 * What counts as one address. An IPv6 caller owns a whole /64, so its first four groups count. Proxies may have added a
 * port, and put IPv6 in brackets: `203.0.113.7:51320`, `[2001:db8::1]:51320`.
 */
export function networkOf(address: string | undefined): string {
  // Who has gone already has no address any more, whatever the types say.
  if (address === undefined) return '';
  const bare = bareOf(address);
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return UNKNOWN;
  const groups = groupsOf(bare.toLowerCase().split('%', 1)[0] ?? '');
  return mappedV4(groups) ?? groups.slice(0, 4).join(':');
}

/** Undefined for what is no IPv4 address in IPv6. */
function mappedV4(groups: readonly string[]): string | undefined {
  return groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff' ? v4Of(groups.slice(6)) : undefined;
}

/** Without quotes and a port. */
function bareOf(text: string): string {
  const address = text.trim().replace(/^"(.*)"$/, '$1');
  return BRACKETED.exec(address)?.[1] ?? V4_WITH_PORT.exec(address)?.[1] ?? address;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = withoutDots(address).split('::');
  const part = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16).toString(16));
  const left = part(head);
  const right = part(tail ?? '');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right];
}

/** With the last two groups in hexadecimal, where they were written as an IPv4 address. */
function withoutDots(address: string): string {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  if (dotted === null) return address;
  const [a = 0, b = 0, c = 0, d = 0] = dotted.slice(1).map(Number);
  return `${address.slice(0, dotted.index)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function v4Of(groups: readonly string[]): string {
  const numbers = groups.map((group) => Number.parseInt(group, 16));
  return numbers.flatMap((number) => [Math.floor(number / 256), number % 256]).join('.');
}
