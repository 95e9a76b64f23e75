import { isIPv4, isIPv6 } from 'node:net';

const BRACKETED = /^\[([^\]]*)\](?::\d{1,5})?$/;
const V4_WITH_PORT = /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/;
/** Clients for which a proxy gives no address (`unknown`, `_hidden`) share this key. */
const UNKNOWN = 'unknown';

/**
 * What counts as one address. An IPv6 caller owns a whole /64, so its first four groups count. Proxies may have added a
 * port, and put IPv6 in brackets: `203.0.113.7:51320`, `[2001:db8::1]:51320`.
 */
export function networkOf(address: string | undefined): string {
  // Who has gone already has no address any more, whatever the types say.
  if (address === undefined) return '';
  const bare = withoutPort(address.trim().replace(/^"(.*)"$/, '$1'));
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return UNKNOWN;
  const groups = groupsOf(bare.toLowerCase().split('%', 1)[0] ?? '');
  const mapped = groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff';
  return mapped ? v4Of(groups.slice(6)) : groups.slice(0, 4).join(':');
}

function withoutPort(address: string): string {
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
