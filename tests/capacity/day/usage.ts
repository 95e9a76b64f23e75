/** What pods use, by the costs that were measured (tests/capacity/plan/costs.ts). */
import { CONNECT_US, CONNECTION_BYTES, DELIVERY_US, GATEWAY_BYTES } from '../plan/costs.ts';
import { costsAt } from '../plan/plan.ts';
import { RECEIVERS } from './load.ts';

const US = 1e6;

/**
 * Cores of a gateway that has a share of all connections, and with it the same share of the messages and deliveries. All of what
 * a connection costs is counted here, though chat-services and PostgreSQL have their part of it.
 */
export function gatewayCores(share: number, rate: number, connectsASecond: number): number {
  const own = rate * share;
  const us = own * costsAt(own).gateway + own * (RECEIVERS - 1) * DELIVERY_US + connectsASecond * CONNECT_US;
  return us / US;
}

export function gatewayBytes(connections: number): number {
  return GATEWAY_BYTES + connections * CONNECTION_BYTES;
}

/** Cores of each of so many chat-services that share the sends. */
export function chatServiceCores(rate: number, pods: number): number {
  const own = rate / Math.max(1, pods);
  return (own * costsAt(own).chatService) / US;
}
