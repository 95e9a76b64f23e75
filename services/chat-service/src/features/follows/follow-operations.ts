import { relationOperations as operations } from '@messagecore/protocol/features';
import { getUser } from '../../core/users/user-queries.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { follow, unfollow } from './follow.ts';
import { countFollows, listFollows } from './follow-queries.ts';

export function bindFollows(sql: Sql): readonly BoundOperation[] {
  return [
    bindOperation(operations.follow, (actor, { user }) => follow(sql, actor, user)),
    bindOperation(operations.unfollow, (actor, { user }) => unfollow(sql, actor, user)),
    bindOperation(operations.countFollows, async (reader, { user }) => {
      const { userId } = await getUser(sql, reader, user);
      return countFollows(sql, reader, userId);
    }),
    bindOperation(operations.listFollowers, async (reader, { user, ...page }) => {
      const { userId } = await getUser(sql, reader, user);
      return listFollows(sql, reader, userId, 'followers', page);
    }),
    bindOperation(operations.listFollowing, async (reader, { user, ...page }) => {
      const { userId } = await getUser(sql, reader, user);
      return listFollows(sql, reader, userId, 'following', page);
    }),
  ];
}
