/** Made by `generate.ts` from the definitions of the operations: what they take and answer. */
import type { Device, Participant, ReadPosition } from './shapes.ts';

export interface Operations {
  /** Say how far one has read. */
  'conversations.read': { args: { cid: string } & { pos: number }; result: ReadPosition };
  /** List one’s devices. */
  'devices.list': {
    args: { limit?: number | undefined; cursor?: string | undefined };
    result: { items: Device[]; next: string | null };
  };
  /** Revoke a device: its tokens and sessions end. */
  'devices.revoke': { args: { clientId: string }; result: undefined };
  /** Revoke all: every token and session of the user ends. */
  'devices.revokeAll': { args: {}; result: undefined };
  /** List participants. */
  'participants.list': {
    args: { cid: string; limit?: number | undefined; cursor?: string | undefined };
    result: { items: Participant[]; next: string | null };
  };
}
