import { emojiOperations as operations } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { deleteEmoji, listEmojis, putEmoji } from './emojis.ts';

export function bindEmojis(sql: Sql): readonly BoundOperation[] {
  return [
    bindOperation(operations.listEmojis, (reader, page) => listEmojis(sql, reader, page)),
    bindOperation(operations.putEmoji, (caller, emoji) => putEmoji(sql, caller, emoji)),
    bindOperation(operations.deleteEmoji, (caller, { name }) => deleteEmoji(sql, caller, name)),
  ];
}
