import type { RpcToken } from '@messagecore/protocol/bus';
import type { Identity } from './deps.ts';

/**
 * What chat-services judge a session by, once its token was verified. After a token without a device the session still
 * belongs to the device of the one before. Undefined when the service that verified it says no generation.
 */
export function tokenOf({ clientId, generation }: Identity, before: RpcToken | undefined): RpcToken | undefined {
  if (generation === undefined) return undefined;
  if (clientId === undefined && before?.device !== undefined) return before;
  return { generation, ...(clientId !== undefined && { device: clientId }) };
}
