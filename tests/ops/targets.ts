import type { System } from '../support/system.ts';
import type { Targets } from './prometheus.ts';

/** The services of a system, under the jobs of prometheus.yml. */
export function targetsOf({ chatServices, gateways }: Pick<System, 'chatServices' | 'gateways'>): Targets {
  const hosts = (services: readonly { readonly url: string }[]) => services.map(({ url }) => new URL(url).host);
  return { 'chat-service': hosts(chatServices), gateway: hosts(gateways) };
}
