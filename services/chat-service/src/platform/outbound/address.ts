/**
 * Which addresses a request to the outside may reach. Everything that is not public unicast is refused: loopback, private
 * and link-local networks (cloud metadata services among them), multicast, and the ranges that embed an IPv4 address in
 * an IPv6 one.
 */
import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { OutboundError } from './outbound-error.ts';

export type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface AddressGuard {
  /** Whether a connection to this address may be made. */
  allows(address: string): boolean;
  /** For `net.connect`: resolves a name to its allowed addresses, fails when there is none. */
  readonly lookup: LookupFunction;
}

/** `exempt` are networks (`10.1.0.0/16`) that may be reached although they are not public. */
export function createAddressGuard(exempt: readonly string[] = [], resolveName: Resolve = resolve): AddressGuard {
  const networks = exempt.map((network) => ipaddr.parseCIDR(network));
  const allows = (address: string): boolean => {
    if (isIP(address) === 0) return false;
    const parsed = ipaddr.process(address);
    if (parsed.range() === 'unicast') return true;
    return networks.some((network) => network[0].kind() === parsed.kind() && parsed.match(network));
  };
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      const [allowed] = addresses?.filter(({ address }) => allows(address)) ?? [];
      if (error !== null) callback(error, '', 0);
      else if (allowed === undefined)
        callback(new OutboundError('address', `${hostname} has no public address`), '', 0);
      else if (options.all === true) callback(null, [allowed]);
      else callback(null, allowed.address, allowed.family);
    });
  };
  return { allows, lookup };
}
