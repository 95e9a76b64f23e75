import { isIPv4 } from 'node:net';

const MAPPED = '::ffff:';

/** An IPv6 caller owns a whole /64, so its first four groups count as one address. */
export function networkOf(address: string | undefined): string {
  // Who has gone already has no address any more, whatever the types say.
  if (address === undefined) return '';
  if (isIPv4(address)) return address;
  const lower = address.toLowerCase();
  if (lower.startsWith(MAPPED) && isIPv4(lower.slice(MAPPED.length))) return lower.slice(MAPPED.length);
  const [head = '', tail] = (lower.split('%', 1)[0] ?? '').split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
