/** Emojis of a tenant's own (MSG-4). */
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import { bindEmojis } from './emoji-operations.ts';
import type { EmojiDeps } from './emojis.ts';

export function createEmojis(deps: EmojiDeps): { readonly operations: readonly BoundOperation[] } {
  return { operations: bindEmojis(deps) };
}
