import { emojiOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { deleteEmoji, type EmojiDeps, listEmojis, putEmoji } from './emojis.ts';

export function bindEmojis(deps: EmojiDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.listEmojis, (reader, page) => listEmojis(deps.sql, reader, page)),
    bindOperation(operations.putEmoji, (caller, emoji) => putEmoji(deps, caller, emoji)),
    bindOperation(operations.deleteEmoji, (caller, { name }) => deleteEmoji(deps, caller, name)),
  ];
}
