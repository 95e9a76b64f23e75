import type { PageRequest, RpcError, RpcItem, RpcResult } from '@messagecore/protocol';

/** What the feed asks chat-services. */
export interface Upstream {
  heads(item: RpcItem<'heads'>): Promise<RpcResult<'heads'> | RpcError>;
  members(item: RpcItem<'members'>): Promise<RpcResult<'members'> | RpcError>;
  /** One page in the form of the bus. Rejects with a ChatError. */
  history(request: PageRequest<'history'>): Promise<Uint8Array>;
  changes(request: PageRequest<'changes'>): Promise<Uint8Array>;
}
