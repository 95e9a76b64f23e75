/** What stands between two users: follows and blocks. */
import { z } from 'zod';
import { Millis, UserId } from '../wire/ids.ts';

/** A user whom one has blocked. */
export const BlockedUser = z
  .object({ userId: UserId, displayName: z.string(), blockedAt: Millis })
  .meta({ id: 'BlockedUser' });
export type BlockedUser = z.infer<typeof BlockedUser>;

/** How many follow the user, and how many the user follows; null where nobody asks who could follow. */
export const FollowCounts = z
  .object({
    followers: z.int().min(0),
    following: z.int().min(0),
    /** Whether the reader follows the user, and the user the reader. */
    followed: z.boolean().nullable(),
    followsBack: z.boolean().nullable(),
  })
  .meta({ id: 'FollowCounts' });
export type FollowCounts = z.infer<typeof FollowCounts>;
